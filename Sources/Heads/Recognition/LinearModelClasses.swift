internal import Checkpoints

/// The array `classes_` of a linear model: the names of its labels.
struct LinearModelClasses {
    /// The array's full name.
    let name: String
    private let checkpoint: Checkpoint
    private let rowCount: Int
    private let shape: [Int]

    /// nil where there is no such array. Refuses one that is neither texts nor numbers, because
    /// without it labels would be indices and not those of the model.
    init?(
        besideCoefficients coefficients: String, in checkpoint: Checkpoint, rowCount: Int
    ) throws(ModelError) {
        let start = coefficients.dropLast(LinearModel.coefficients.count)
        name = String(start) + LinearModel.classes
        self.checkpoint = checkpoint
        self.rowCount = rowCount
        if let shape = checkpoint[name]?.shape ?? checkpoint.textShape(named: name) {
            self.shape = shape
            return
        }
        guard let unread = checkpoint.unreadTensor(named: name) else { return nil }
        throw .missingManifestKeys(
            keys: [ModelManifest.CodingKeys.labels.rawValue],
            reason: "the labels in '\(name)' are \(unread.type), which are not read; or save them "
                + "as texts, \(LinearModel.classes).astype(str)")
    }

    /// One name a row of the coefficients; one row is about the second of two classes. Texts are
    /// refused as the lines of a file of labels are.
    func labels() throws(ModelError) -> [String] {
        let classCount = rowCount == 1 ? 2 : rowCount
        guard shape == [classCount] else {
            throw .tensorShape(
                name: name, found: shape,
                expected: "[\(classCount)], for \(rowCount) rows of coefficients")
        }
        let names = try names()
        return rowCount == 1 ? [names[1]] : names
    }

    private func names() throws(ModelError) -> [String] {
        do throws(CheckpointError) {
            if let array = checkpoint[name] { return try Self.names(array) }
        } catch {
            throw .checkpoint(error)
        }
        return try texts()
    }

    /// Numbers as NumPy prints them.
    private static func names(_ array: Tensor) throws(CheckpointError) -> [String] {
        guard !array.elementType.isFraction else { return try array.doubles().map { "\($0)" } }
        let numbers = try array.integers()
        return array.elementType == .bool
            ? numbers.map { $0 == 0 ? "False" : "True" } : numbers.map { "\($0)" }
    }

    private func texts() throws(ModelError) -> [String] {
        let texts: [String]
        do throws(CheckpointError) { texts = try checkpoint.texts(named: name) ?? [] } catch {
            throw .checkpoint(error)
        }
        var labels: [String] = []
        labels.reserveCapacity(texts.count)
        for (index, text) in texts.enumerated() { labels.append(try label(text, index)) }
        return labels
    }

    /// A text by itself: joined with others, one of two lines would shift the labels behind it.
    private func label(_ text: String, _ index: Int) throws(ModelError) -> String {
        let path = "\(checkpoint.path): \(name)"
        let found: [String]
        do throws(ModelError) {
            found = try LabelText.labels(of: Array(text.utf8), path: path)
        } catch {
            guard case .label(_, _, let reason) = error else { throw error }
            throw .label(path: path, line: index + 1, reason: reason)
        }
        guard found.count == 1, !text.utf8.contains(UInt8(ascii: "\n")) else {
            let reason = found.isEmpty ? "a blank text is no label" : "a line break in a label"
            throw .label(path: path, line: index + 1, reason: reason)
        }
        return found[0]
    }
}
