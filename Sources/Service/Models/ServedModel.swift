internal import Heads
internal import InferenceAPI
internal import Predictions

/// A model with what serving it needs beside the head.
package final class ServedModel: Sendable {
    /// Its place in the order models were loaded, which no other one of the process has; the key of
    /// its batches, so that a model and its successor never share one.
    let ordinal: Int
    let model: Model
    let metrics: ModelMetrics
    let pace: ModelPace
    /// The object that `/v1/models` shows.
    let description: [UInt8]
    /// What every answer of the model begins with, up to the array of its predictions.
    let answerHead: [UInt8]

    init(ordinal: Int, model: Model, metrics: ModelMetrics) {
        self.ordinal = ordinal
        self.model = model
        self.metrics = metrics
        pace = ModelPace(model.head.summary)
        description = Self.describe(model)
        answerHead = Self.answerHead(model)
    }

    private static func answerHead(_ model: Model) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("model")
        writer.beginObject()
        writer.member("name", model.name)
        writer.member("version", model.version)
        writer.member("head", model.head.summary.kind.rawValue)
        writer.endObject()
        writer.key("predictions")
        return writer.bytes
    }

    private static func describe(_ model: Model) -> [UInt8] {
        let summary = model.head.summary
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("name", model.name)
        writer.member("version", model.version)
        writer.member("head", summary.kind.rawValue)
        writer.member("link", summary.link.rawValue)
        writer.member("inputs", summary.inputCount)
        writer.member("classes", summary.classCount)
        if let factors = summary.factorCount { writer.member("factors", factors) }
        if let samples = summary.defaultSampleCount { writer.member("default_samples", samples) }
        writer.member("weights", model.weightsName)
        writer.member("ready", true)
        writer.member("sha256", model.sha256)
        writer.endObject()
        return writer.bytes
    }
}

/// The models of a service, in the order they were named.
package struct ModelSet: Sendable {
    package let models: [ServedModel]

    /// The first model answers requests that name none.
    var first: ServedModel? { models.first }

    subscript(name: String) -> ServedModel? { models.first { $0.model.name == name } }

    var names: [String] { models.map(\.model.name) }

    static let longestName = 128

    /// Whether a model may be called so: names stand in URLs and metric labels as they are.
    static func isName(_ text: String) -> Bool {
        let isLetterOrDigit = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
        guard let first = text.utf8.first, isLetterOrDigit(first) else { return false }
        return text.utf8.count <= longestName
            && text.utf8.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
    }
}
