internal import Heads
internal import InferenceAPI
internal import Predictions

/// The models of a service, in the order they were named.
package struct ModelSet: Sendable {
    package let models: [ServedModel]
    /// The input widths of the models, as a request's decoder asks for them.
    let inputWidths: InputWidths

    init(models: [ServedModel]) {
        self.models = models
        inputWidths = InputWidths(largest: models.map(\.summary.inputCount).max() ?? 0) {
            name throws(RequestError) in
            guard let model = Self.model(named: name, in: models) else {
                throw .unknownModel(name ?? "", known: Self.names(of: models))
            }
            return model.summary.inputCount
        }
    }

    /// The model of a name; without a name the first.
    func model(named name: String?) -> ServedModel? { Self.model(named: name, in: models) }

    private static func model(named name: String?, in models: [ServedModel]) -> ServedModel? {
        guard let name else { return models.first }
        return models.first { $0.model.name == name }
    }

    var names: [String] { Self.names(of: models) }

    private static func names(of models: [ServedModel]) -> [String] { models.map(\.model.name) }

    static let maxNameBytes = 128

    /// Whether `text` is a valid model name: names stand in URLs and metric labels as they are.
    static func isName(_ text: String) -> Bool {
        let isLetterOrDigit = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
        guard let first = text.utf8.first, isLetterOrDigit(first) else { return false }
        return text.utf8.count <= maxNameBytes
            && text.utf8.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
    }
}
