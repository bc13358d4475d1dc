internal import Checkpoints
internal import Foundation
internal import Heads
internal import LogitKernels
internal import Predictions

/// The output of `headserve inspect --json`.
struct InspectionJSON: Encodable {
    struct TensorEntry: Encodable {
        let name: String
        let type: String
        let shape: [Int]
    }

    struct CalibrationEntry: Encodable {
        let method: String
        let rows: Int
        let date: String
        let temperature: Double?
        let weights: String
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
    let calibration: CalibrationEntry?
    /// The reason why the calibration is refused.
    let calibrationError: String?

    init(_ inspection: ModelInspection) {
        path = inspection.path
        format = inspection.format.rawValue
        bytes = inspection.byteCount
        sha256 = inspection.sha256
        tensors = inspection.tensors.map {
            TensorEntry(name: $0.name, type: $0.elementType.rawValue, shape: $0.shape)
        }
        unread = UnreadKinds(inspection.unread).kinds
        switch inspection.calibration {
        case .none: (calibration, calibrationError) = (nil, nil)
        case .failure(let refusal): (calibration, calibrationError) = (nil, "\(refusal)")
        case .success(let found):
            calibration = CalibrationEntry(
                method: found.method.rawValue, rows: found.rowCount, date: found.date,
                temperature: found.temperature, weights: found.weights.rawValue)
            calibrationError = nil
        }
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
