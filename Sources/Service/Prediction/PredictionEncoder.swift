internal import Heads
internal import InferenceAPI
internal import Predictions

/// Writes the answer to a predict request: one object a row, in the request's order.
struct PredictionEncoder {
    private typealias NotFinite = JSONWriter.NotFinite

    let model: ServedModel
    /// How the request named its instances.
    let form: RequestForm
    /// Bytes an answer may have.
    let limit: Int

    /// Fewest bytes of one entry of `top_k`, and of one number of `probabilities`.
    private static let minimumLabelBytes = 39
    private static let minimumNumberBytes = 2
    /// What the answer of one row with five labels takes, with room to spare.
    private static let usualBytes = 1536

    /// Whether an answer of so many rows could stay within `limit`; told before anything is
    /// computed or allocated.
    static func mayFit(rows: [RowOptions], classCount: Int, limit: Int) -> Bool {
        // In Double, for an MHP may have almost 2⁶³ classes.
        var bytes = 0.0
        for row in rows {
            let labels = min(row.topK, classCount)
            bytes += Double(labels) * Double(minimumLabelBytes)
            if row.wantsProbabilities { bytes += Double(classCount) * Double(minimumNumberBytes) }
            if bytes > Double(limit) { return false }
        }
        return true
    }

    func encode(_ outcomes: some Collection<RowOutcome>) -> Answer {
        do {
            return try encodeFinite(outcomes)
        } catch {
            return .refusal(.internalError)
        }
    }

    private func encodeFinite(
        _ outcomes: some Collection<RowOutcome>
    ) throws(NotFinite) -> Answer {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.usualBytes)
        bytes += model.answerHead
        var writer = JSONWriter(appendingTo: consume bytes)
        writer.beginArray()
        for (instance, outcome) in outcomes.enumerated() {
            switch outcome {
            case .notWanted: return .refusal(.deadline)
            case .lostWeights: return .refusal(.lostWeights)
            case .overflow: return .refusal(.overflow(form.instance(instance)))
            case .prediction(let prediction): try write(prediction, &writer)
            }
            if writer.bytes.count > limit { return .refusal(.responseTooLarge(limit: limit)) }
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes.count > limit
            ? .refusal(.responseTooLarge(limit: limit)) : .json(writer.bytes)
    }

    private func write(_ prediction: Prediction, _ writer: inout JSONWriter) throws(NotFinite) {
        writer.beginObject()
        if !prediction.top.isEmpty {
            writer.key("top_k")
            writer.beginArray()
            for candidate in prediction.top { try write(candidate, &writer) }
            writer.endArray()
        }
        if let uncertainty = prediction.uncertainty { try write(uncertainty, &writer) }
        if let probabilities = prediction.probabilities {
            writer.key("probabilities")
            try writer.array(probabilities.span)
        }
        writer.endObject()
    }

    private func write(_ candidate: Candidate, _ writer: inout JSONWriter) throws(NotFinite) {
        writer.beginObject()
        writer.member("index", candidate.index)
        writer.member("label", model.model.label(candidate.index))
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

    private func write(_ uncertainty: Uncertainty, _ writer: inout JSONWriter) throws(NotFinite) {
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
        writer.member("samples", uncertainty.sampleCount ?? 0)
        writer.member("estimator", uncertainty.estimator.rawValue)
        if let seed = uncertainty.seed { writer.member("seed", seed) }
        writer.endObject()
    }
}
