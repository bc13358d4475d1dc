internal import Checkpoints
internal import Foundation
internal import Heads

/// The output of `headserve inspect --json`.
struct InspectionJSON: Encodable {
    struct TensorEntry: Encodable {
        let name: String
        let type: String
        let shape: [Int]
    }

    let path: String
    let format: String
    let bytes: Int
    let sha256: String
    let tensors: [TensorEntry]
    /// Kinds of tensors that cannot be read.
    let unread: [UnreadKinds.Kind]
    let head: HeadReport?
    /// Keys that `model.json` must still add.
    let missingKeys: [String]
    /// The reason why no added key would make a head of this checkpoint.
    let error: String?

    init(_ inspection: ModelInspection) {
        path = inspection.path
        format = inspection.format.rawValue
        bytes = inspection.byteCount
        sha256 = inspection.sha256
        tensors = inspection.tensors.map {
            TensorEntry(name: $0.name, type: $0.elementType.rawValue, shape: $0.shape)
        }
        unread = UnreadKinds(inspection.unread).kinds
        switch inspection.head {
        case .success(let report):
            (head, missingKeys, error) = (report, report.missingKeys, nil)
        case .failure(let refusal):
            (head, missingKeys, error) = (nil, [], "\(refusal)")
        }
    }

    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
