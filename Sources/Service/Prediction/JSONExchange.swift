package import Heads
internal import InferenceAPI
package import Predictions

/// The texts of a prediction alone, for measuring: a request's body is read and its answer written
/// as the server does it. Not Sendable, as the decoder is not.
package final class JSONExchange {
    private let decoder: PredictRequestDecoder
    private let encoder: PredictionEncoder
    private let body: [UInt8]
    private let outcomes: [RowOutcome]
    private let width: Int
    /// Of the body and the answer.
    package private(set) var byteCount = 0

    /// - Parameters:
    ///   - features: rows of the model's input width, row-major.
    ///   - outcomes: what the model answers to them.
    package init(model: Model, features: [Float], outcomes: [RowOutcome]) throws {
        width = model.head.summary.inputCount
        body = Self.body(features, width: width)
        decoder = PredictRequestDecoder(
            limits: RequestLimits(
                maximumBodyBytes: max(body.count, 1), maximumRows: max(outcomes.count, 1),
                maximumSamples: 1))
        let metrics = try ServiceMetrics(buildVersion: "", kernel: "") { 0 }
        let served = ServedModel(
            ordinal: 0, model: model,
            metrics: metrics.register(model: model.name))
        encoder = PredictionEncoder(model: served, form: .json, limit: .max)
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
    package func run() -> Int {
        let count = try? instanceCount(body)
        precondition(count == outcomes.count, "a body of these rows")
        guard case .json(let answer) = encoder.encode(outcomes) else {
            preconditionFailure("an answer of these rows")
        }
        return answer.count
    }

    private func instanceCount(_ body: [UInt8]) throws(RequestError) -> Int {
        try decoder.decode(body.span) { _ throws(RequestError) in width }.instances.count
    }
}
