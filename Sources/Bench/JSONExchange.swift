internal import Heads
internal import InferenceAPI
internal import Predictions

/// The JSON of a prediction alone, for measuring: reads the body of a request and writes its answer
/// as the server does. Not Sendable, as the decoder is not.
final class JSONExchange {
    private let decoder: PredictRequestDecoder
    private let model: AnsweringModel
    private let body: [UInt8]
    private let outcomes: [RowOutcome]
    private let width: Int
    /// Bytes of the body and the answer.
    private(set) var byteCount = 0

    /// - Parameters:
    ///   - features: rows of the model's input width, row-major.
    ///   - outcomes: what the model answers to them.
    init(model: Model, features: [Float], outcomes: [RowOutcome]) throws {
        width = model.head.summary.inputCount
        body = Self.body(features, width: width)
        decoder = PredictRequestDecoder(
            limits: RequestLimits(
                maxBodyBytes: max(body.count, 1), maxRows: max(outcomes.count, 1),
                maxSamples: 1))
        self.model = AnsweringModel(
            name: model.name, version: model.version, summary: model.head.summary,
            label: { model.label($0) })
        self.outcomes = outcomes
        byteCount = body.count + run()
    }

    private static func body(_ features: [Float], width: Int) -> [UInt8] {
        let rows = stride(from: 0, to: features.count, by: width).map { first in
            "[" + features[first..<first + width].map { "\($0)" }.joined(separator: ",") + "]"
        }
        return Array("{\"instances\":[\(rows.joined(separator: ","))]}".utf8)
    }

    /// Reads the body, writes the answer and returns its bytes' number.
    @discardableResult
    func run() -> Int {
        do {
            let request = try request(body)
            precondition(request.rows.count == outcomes.count, "a body of these rows")
            return try request.encoder.encode(outcomes[...], of: model, maxBytes: .max).bytes.count
        } catch {
            preconditionFailure("an exchange of these rows: \(error)")
        }
    }

    private func request(_ body: [UInt8]) throws(RequestError) -> PredictRequest {
        try decoder.decode(
            WholeBody(body), RequestTarget(),
            InputWidths(largest: width) { [width] _ in width })
    }
}
