internal import Checkpoints

/// Writes the tensors of a converted model, and looks at the file before it takes its place.
struct ConversionWriter {
    let target: ConversionTarget
    let encoders: [WeightEncoder]
    let metadata: [String: String]

    /// Writes the file beside its target, where `check` reads it; without fault, it is put in its
    /// place, else removed.
    func write<Answer>(
        check: (_ path: String) throws(ModelError) -> Answer
    ) throws(ModelError) -> Answer {
        var writer: SafetensorsWriter
        do throws(SafetensorsWriteError) {
            writer = try SafetensorsWriter(
                path: target.path, tensors: encoders.map(\.description), metadata: metadata,
                replaces: target.overwrites)
        } catch {
            throw .cannotWrite(error)
        }
        try append(to: &writer)
        let answer = try answer(of: check, to: writer)
        do throws(SafetensorsWriteError) { try writer.finish() } catch {
            throw .cannotWrite(error)
        }
        return answer
    }

    /// Appends the tensors in the writer's order.
    private func append(to writer: inout SafetensorsWriter) throws(ModelError) {
        // The writer refuses a name twice.
        let encoderOfName = Dictionary(
            encoders.map { ($0.description.name, $0) }, uniquingKeysWith: { first, _ in first })
        for tensor in writer.tensors {
            guard let encoder = encoderOfName[tensor.name] else { continue }
            try append(encoder, to: &writer)
        }
    }

    private func append(
        _ encoder: WeightEncoder, to writer: inout SafetensorsWriter
    ) throws(ModelError) {
        var failure: SafetensorsWriteError?
        try encoder.forEachPiece { piece in
            guard failure == nil else { return }
            do throws(SafetensorsWriteError) {
                try writer.append(piece.span, to: encoder.description.name)
            } catch {
                failure = error
            }
        }
        if let failure { throw .cannotWrite(failure) }
    }

    private func answer<Answer>(
        of check: (_ path: String) throws(ModelError) -> Answer,
        to writer: borrowing SafetensorsWriter
    ) throws(ModelError) -> Answer {
        let path: String
        do throws(SafetensorsWriteError) { path = try writer.completePath() } catch {
            throw .cannotWrite(error)
        }
        do throws(ModelError) {
            return try check(path)
        } catch {
            // The file is called otherwise than its reader found it, and is about to go.
            let reason = "\(error)".replacing(path, with: target.path)
            throw .file(
                path: target.path, reason: "not written, for it could not be read back: \(reason)")
        }
    }
}
