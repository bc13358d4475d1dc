package import Predictions

/// Writes the JSON answer to a predict request: one object a row, in the request's order.
package final class JSONAnswer: AnswerEncoder {
    private typealias NotFinite = JSONWriter.NotFinite

    /// Answers requests in JSON.
    static let toJSON = JSONAnswer(fields: .json)
    /// Answers NumPy arrays.
    static let toArray = JSONAnswer(fields: .array)

    package let fields: RequestFields

    /// Fewest bytes of one entry of `top_k` or `labels`, and of one number of `probabilities`.
    private static let minLabelBytes = 39
    private static let minNumberBytes = 2
    /// Bytes of the answer of one row with five labels, with room to spare.
    private static let usualBytes = 1536

    private init(fields: RequestFields) { self.fields = fields }

    package func mayFit(_ rows: [RowOptions], classCount: Int, maxBytes: Int) -> Bool {
        // In Double, because an MHP may have almost 2⁶³ classes.
        var bytes = 0.0
        for row in rows {
            let labels = Double(min(row.topK, classCount)) + Double(row.labels.count)
            bytes += labels * Double(Self.minLabelBytes)
            if row.wantsProbabilities { bytes += Double(classCount) * Double(Self.minNumberBytes) }
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
        var writer = JSONWriter(appendingTo: consume bytes)
        writer.beginArray()
        for (instance, outcome) in outcomes.enumerated() {
            try write(outcome, of: model, instance: instance, &writer)
            if writer.bytes.count > maxBytes { throw .tooLong(maxBytes: maxBytes) }
        }
        writer.endArray()
        writer.endObject()
        if writer.bytes.count > maxBytes { throw .tooLong(maxBytes: maxBytes) }
        return .json(writer.bytes)
    }

    private func write(
        _ outcome: RowOutcome, of model: AnsweringModel, instance: Int, _ writer: inout JSONWriter
    ) throws(AnswerError) {
        switch outcome {
        case .notWanted: throw .notWanted
        case .lostWeights: throw .lostWeights
        case .overflow: throw .overflow(fields.instance(instance))
        case .prediction(let prediction):
            do throws(NotFinite) {
                try Self.write(prediction, of: model, &writer)
            } catch {
                throw .notFinite
            }
        }
    }

    private static func write(
        _ prediction: Prediction, of model: AnsweringModel, _ writer: inout JSONWriter
    ) throws(NotFinite) {
        writer.beginObject()
        if prediction.hasList { try write(prediction.top, "top_k", of: model, &writer) }
        if !prediction.named.isEmpty { try write(prediction.named, "labels", of: model, &writer) }
        if let uncertainty = prediction.uncertainty { try write(uncertainty, &writer) }
        if let probabilities = prediction.probabilities {
            writer.key("probabilities")
            try writer.array(probabilities.span)
        }
        writer.endObject()
    }

    private static func write(
        _ candidates: [Candidate], _ key: StaticString, of model: AnsweringModel,
        _ writer: inout JSONWriter
    ) throws(NotFinite) {
        writer.key(key)
        writer.beginArray()
        for candidate in candidates { try write(candidate, of: model, &writer) }
        writer.endArray()
    }

    private static func write(
        _ candidate: Candidate, of model: AnsweringModel, _ writer: inout JSONWriter
    ) throws(NotFinite) {
        writer.beginObject()
        writer.member("index", candidate.index)
        writer.member("label", model.label(candidate.index))
        if let probability = candidate.probability { try writer.member("probability", probability) }
        if let score = candidate.score { try writer.member("score", score) }
        if let spread = candidate.spread {
            try writer.member("standard_error", spread.standardError)
            writer.key("interval")
            let interval = [spread.interval.lowerBound, spread.interval.upperBound]
            try writer.array(interval.span)
            try writer.member("standard_deviation", spread.standardDeviation)
        }
        writer.endObject()
    }

    private static func write(_ uncertainty: Uncertainty, _ writer: inout JSONWriter)
        throws(NotFinite)
    {
        writer.key("uncertainty")
        writer.beginObject()
        try writer.member("predictive_entropy", uncertainty.predictiveEntropy)
        if let expected = uncertainty.expectedEntropy,
            let information = uncertainty.latentNoiseInformation
        {
            try writer.member("expected_entropy", expected)
            try writer.member("latent_noise_information", information)
        }
        if let probability = uncertainty.maxProbability {
            try writer.member("max_probability", probability)
        }
        if let margin = uncertainty.margin { try writer.member("margin", margin) }
        if let residual = uncertainty.residualProbability {
            try writer.member("residual_probability", residual)
        }
        writer.member("samples", uncertainty.sampleCount ?? 0)
        writer.member("estimator", uncertainty.estimator.rawValue)
        if let seed = uncertainty.seed { writer.member("seed", seed) }
        writer.endObject()
    }
}
