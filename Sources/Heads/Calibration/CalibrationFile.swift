internal import Checkpoints
internal import LogitKernels
internal import Predictions

/// The text of a calibration: `calibration.json` in a model's folder, a file of its own, or a part
/// of a checkpoint's metadata.
package enum CalibrationFile {
    /// The file's name in a model's folder.
    package static let name = "calibration.json"
    /// Bytes of a file: those of `Calibration.maxRowCount` scores of 32 characters each.
    static let maxBytes = 1 << 25

    /// Reads the file at `path`.
    package static func read(_ path: String) throws(ModelError) -> Calibration {
        try parse(try bytes(of: path), path: path, isPartOfCheckpoint: false)
    }

    /// The bytes of the file, which is a regular one of at most `maxBytes`.
    static func bytes(of path: String) throws(ModelError) -> [UInt8] {
        do {
            return try RegularFile.bytes(of: path, atMost: maxBytes)
        } catch {
            throw .checkpoint(error)
        }
    }

    /// Parses JSON in UTF-8, as `ModelManifest.parse` does a `model.json`. Refuses by name a member
    /// that stands twice, is unknown or missing, or has a value of a wrong type or range; scores
    /// that do not ascend, and not as many as `rows` says.
    static func parse(
        _ bytes: [UInt8], path: String, isPartOfCheckpoint: Bool
    ) throws(ModelError) -> Calibration {
        do throws(ManifestProblem) {
            return try Calibration(
                try ManifestKeys(try ManifestScanner.value(of: bytes)),
                isPartOfCheckpoint: isPartOfCheckpoint)
        } catch {
            throw error.located(in: path)
        }
    }

    /// Writes a calibration to `path`, in one step where a file stands there.
    package static func write(_ calibration: Calibration, to path: String) throws(ModelError) {
        try WrittenFile.write(text(calibration), to: path)
    }

    /// The text that `parse` reads: one member a line, all scores in the last one.
    static func text(_ calibration: Calibration) -> String {
        typealias Key = Calibration.CodingKeys
        var members: [(key: Key, json: String)] = [
            (.method, ManifestText.quoted(calibration.method.rawValue)),
            (.rows, "\(calibration.rowCount)"),
            (.date, ManifestText.quoted(calibration.date)),
            (.estimator, ManifestText.quoted(calibration.estimator.rawValue)),
            (.samples, "\(calibration.samples)"), (.seed, "\(calibration.seed)"),
        ]
        if calibration.weights != .float32 {
            members.append((.weights, ManifestText.quoted(calibration.weights.rawValue)))
        }
        if calibration.method == .raps {
            members.append((.rankPenalty, "\(calibration.rankPenalty)"))
            members.append((.rankLimit, "\(calibration.rankLimit)"))
        }
        if let temperature = calibration.temperature {
            members.append((.temperature, "\(temperature)"))
        }
        if let origin = calibration.origin {
            members.append((.checkpoint, ManifestText.quoted(origin.checkpoint)))
            if let manifest = origin.manifest {
                members.append((.manifest, ManifestText.quoted(manifest)))
            }
        }
        let scores = calibration.scores.map { "\($0)" }.joined(separator: ", ")
        members.append((.scores, "[\(scores)]"))
        return "{\n"
            + members.map { "  \(ManifestText.quoted($0.key.rawValue)): \($0.json)" }
            .joined(separator: ",\n") + "\n}\n"
    }
}
