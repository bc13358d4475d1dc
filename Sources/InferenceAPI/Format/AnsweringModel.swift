package import Predictions

/// The model that gives an answer, as answers name it.
package final class AnsweringModel: Sendable {
    package let name: String
    package let version: String
    /// Kind, sizes and output of its head.
    package let summary: HeadSummary
    /// The text of a label's index.
    let label: @Sendable (Int) -> String
    /// The beginning of every JSON answer of the model, up to the array of its predictions.
    let jsonPrefix: [UInt8]

    package init(
        name: String, version: String, summary: HeadSummary,
        label: @escaping @Sendable (Int) -> String
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.label = label
        jsonPrefix = Self.jsonPrefix(name: name, version: version, head: summary.kind)
    }

    private static func jsonPrefix(name: String, version: String, head: HeadKind) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("model")
        writer.beginObject()
        writer.member("name", name)
        writer.member("version", version)
        writer.member("head", head.rawValue)
        writer.endObject()
        writer.key("predictions")
        return writer.bytes
    }
}
