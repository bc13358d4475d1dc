internal import Heads
internal import InferenceAPI
internal import Predictions

/// The models of a service, in the order they were named.
package struct ModelSet: Sendable {
    package let models: [ServedModel]

    /// The model of a name; without a name the first.
    func model(named name: String?) -> ServedModel? {
        guard let name else { return models.first }
        return models.first { $0.model.name == name }
    }

    var names: [String] { models.map(\.model.name) }

    /// The input widths of the models, as a request's decoder asks for them.
    var inputWidths: InputWidths {
        let largest = models.lazy.map(\.summary.inputCount).max() ?? 0
        return InputWidths(largest: largest) { name throws(RequestError) in
            guard let model = model(named: name) else {
                throw .unknownModel(name ?? "", known: names)
            }
            return model.summary.inputCount
        }
    }

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
