internal import Checkpoints
internal import Predictions

/// The description of a model in its own safetensors file, whose metadata may have the keys of a
/// `model.json` and the labels, so that it needs no other files.
struct EmbeddedModel {
    /// All keys are optional, as in a file of its own.
    let manifest: ModelManifest
    /// One text a class, or nil.
    let labels: [String]?

    /// Metadata names: the text of a `model.json`, and one label a line.
    static let manifestName = "headserve.model"
    static let labelsName = "headserve.labels"
    static let calibrationName = "headserve.calibration"

    /// Reads the metadata of any checkpoint; most have none. A checkpoint may come from anywhere,
    /// so one that names other files is refused.
    init(_ checkpoint: Checkpoint) throws(ModelError) {
        let place = "\(checkpoint.path): \(Self.manifestName)"
        let text = checkpoint.metadata[Self.manifestName]
        manifest =
            try text.map { (text) throws(ModelError) in
                try ModelManifest.parse(Array(text.utf8), path: place)
            } ?? ModelManifest()
        guard manifest.checkpoint == nil, manifest.labels == nil else {
            throw .manifestSyntax(path: place, reason: "a checkpoint may not name other files")
        }
        let labelPlace = "\(checkpoint.path): \(Self.labelsName)"
        labels = try checkpoint.metadata[Self.labelsName].map { (text) throws(ModelError) in
            try LabelText.labels(of: Array(text.utf8), path: labelPlace)
        }
    }

    /// The calibration in the metadata; most checkpoints have none.
    static func calibration(in checkpoint: Checkpoint) throws(ModelError) -> Calibration? {
        guard let bytes = try calibrationBytes(checkpoint.metadata, path: checkpoint.path) else {
            return nil
        }
        return try CalibrationFile.parse(
            bytes, path: calibrationPlace(in: checkpoint), isPartOfCheckpoint: true)
    }

    /// The text of the calibration in `metadata`, that of the checkpoint at `path`: as long as a
    /// file of its own may be, where all metadata together may be longer.
    static func calibrationBytes(
        _ metadata: [String: String], path: String
    ) throws(ModelError) -> [UInt8]? {
        guard let text = metadata[calibrationName] else { return nil }
        guard text.utf8.count <= CalibrationFile.maxBytes else {
            throw .checkpoint(
                .limitExceeded(
                    path: path, part: calibrationName, limit: .metadataByteCount,
                    value: text.utf8.count, maximum: CalibrationFile.maxBytes))
        }
        return Array(text.utf8)
    }

    /// The place of the calibration in a checkpoint, for messages.
    static func calibrationPlace(in checkpoint: Checkpoint) -> String {
        "\(checkpoint.path): \(calibrationName)"
    }

    /// The metadata for the head of `report`, for `labels`, and for the calibration of the model.
    static func metadata(
        of report: HeadReport, labels: [String]?, calibration: Calibration?
    ) -> [String: String] {
        var metadata = [manifestName: manifestText(of: report)]
        metadata[labelsName] = labels?.joined(separator: "\n")
        if var calibration {
            calibration.origin = nil
            metadata[calibrationName] = CalibrationFile.text(calibration)
        }
        return metadata
    }

    /// Every key that was given or has a default, so that a later default changes nothing. Facts
    /// that the tensors show are left to them, but for head sizes, which a pickled module gives in
    /// another way.
    private static func manifestText(of report: HeadReport) -> String {
        var members: [(key: String, json: String)] = []
        if let head = report.head { members.append(("head", ManifestText.quoted(head.rawValue))) }
        for setting in report.settings {
            let isSettled = setting.source == .manifest || setting.source == .defaultValue
            let isKept = isSettled || setting.key == ModelManifest.CodingKeys.heads.rawValue
            guard isKept, !["head", "labels", "prefix"].contains(setting.key),
                let value = setting.value
            else { continue }
            members.append(
                (setting.key, textKeys.contains(setting.key) ? ManifestText.quoted(value) : value))
        }
        if !report.prefix.isEmpty { members.append(("prefix", ManifestText.quoted(report.prefix))) }
        return "{"
            + members.map { "\(ManifestText.quoted($0.key)): \($0.json)" }.joined(separator: ", ")
            + "}"
    }

    /// Keys whose values are texts; the others' are written as JSON already.
    private static let textKeys = Set(
        [
            .head, .link, .diagonalNoise, .headActivation, .task, .normalize, .prefix, .preLogits,
            .version,
        ].map { (key: ModelManifest.CodingKeys) in key.rawValue })

}

extension ModelManifest {
    /// These keys, and those of `other` where one is missing.
    func completed(by other: ModelManifest) -> ModelManifest {
        var manifest = self
        manifest.head = head ?? other.head
        manifest.link = link ?? other.link
        // Fixed or learned: one of them excludes the other.
        if temperature == nil && temperatureBounds == nil {
            manifest.temperature = other.temperature
            manifest.temperatureBounds = other.temperatureBounds
        }
        manifest.diagonalNoise = diagonalNoise ?? other.diagonalNoise
        manifest.samples = samples ?? other.samples
        manifest.heads = heads ?? other.heads
        manifest.classes = classes ?? other.classes
        manifest.headActivation = headActivation ?? other.headActivation
        manifest.task = task ?? other.task
        manifest.beam = beam ?? other.beam
        manifest.scale = scale ?? other.scale
        manifest.bias = bias ?? other.bias
        manifest.normalize = normalize ?? other.normalize
        manifest.normalizeWeights = normalizeWeights ?? other.normalizeWeights
        manifest.prefix = prefix ?? other.prefix
        manifest.tensors = tensors ?? other.tensors
        manifest.preLogits = preLogits ?? other.preLogits
        manifest.version = version ?? other.version
        return manifest
    }
}
