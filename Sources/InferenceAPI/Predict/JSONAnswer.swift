package import Predictions

/// Writes the JSON answer to a predict request: one object a row, in the request's order.
package final class JSONAnswer: AnswerEncoder {
    /// Answers requests in JSON that ask for nothing to be repeated, as most do.
    static let toJSON = JSONAnswer(fields: .json, echo: AnswerEcho())
    /// Answers NumPy arrays likewise.
    static let toArray = JSONAnswer(fields: .array, echo: AnswerEcho())

    package let fields: RequestFields
    private let echo: AnswerEcho

    /// Bytes of the answer of one row with five labels, with room to spare.
    private static let usualBytes = 1536

    private init(fields: RequestFields, echo: AnswerEcho) {
        (self.fields, self.echo) = (fields, echo)
    }

    /// Answers a request with these parameters that came as a JSON body.
    static func toJSON(_ parameters: PredictParameters) -> JSONAnswer {
        let echo = AnswerEcho(parameters)
        return echo == AnswerEcho() ? toJSON : JSONAnswer(fields: .json, echo: echo)
    }

    /// Answers a request with these parameters beside an array.
    static func toArray(_ parameters: PredictParameters) -> JSONAnswer {
        let echo = AnswerEcho(parameters)
        return echo == AnswerEcho() ? toArray : JSONAnswer(fields: .array, echo: echo)
    }

    package func mayFit(_ rows: [RowOptions], classCount: Int, maxBytes: Int) -> Bool {
        var bytes = 0.0
        for row in rows {
            bytes += FewestBytes.row(row, classCount: classCount)
            if bytes > Double(maxBytes) { return false }
        }
        return true
    }

    package func encode(
        _ outcomes: ArraySlice<RowOutcome>, of model: AnsweringModel, maxBytes: Int
    ) throws(AnswerError) -> EncodedAnswer {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.usualBytes)
        bytes += model.jsonPrefix
        var writer = PredictionWriter(
            json: JSONWriter(appendingTo: consume bytes), model: model, echo: echo)
        writer.json.beginArray()
        for (instance, outcome) in outcomes.enumerated() {
            try write(outcome, instance: instance, &writer)
            if writer.json.bytes.count > maxBytes { throw .tooLong(maxBytes: maxBytes) }
        }
        writer.json.endArray()
        writer.json.endObject()
        if writer.json.bytes.count > maxBytes { throw .tooLong(maxBytes: maxBytes) }
        return .json(writer.json.bytes)
    }

    private func write(
        _ outcome: RowOutcome, instance: Int, _ writer: inout PredictionWriter
    ) throws(AnswerError) {
        switch outcome {
        case .notWanted: throw .notWanted
        case .lostWeights: throw .lostWeights
        case .overflow: throw .overflow(fields.instance(instance))
        case .prediction(let prediction):
            do throws(JSONWriter.NotFinite) {
                try writer.write(prediction)
            } catch {
                throw .notFinite
            }
        }
    }
}

/// Parameters of a request that its answer repeats.
struct AnswerEcho: Sendable, Equatable {
    var quantileLevels: [Double] = []
    /// The error level of a certificate.
    var delta: Double?

    init() {}

    init(_ parameters: PredictParameters) {
        (quantileLevels, delta) = (parameters.wantedLevels, parameters.certifyDelta)
    }
}
