internal import Predictions

/// Writes the answer of one row after the other.
struct PredictionWriter {
    typealias NotFinite = JSONWriter.NotFinite

    var json: JSONWriter
    let model: AnsweringModel
    let echo: AnswerEcho

    mutating func write(_ prediction: Prediction) throws(NotFinite) {
        json.beginObject()
        if prediction.hasList { try write(prediction.top, "top_k") }
        if !prediction.named.isEmpty { try write(prediction.named, "labels") }
        if let uncertainty = prediction.uncertainty { try write(uncertainty) }
        if let set = prediction.set { try write(set) }
        if let abstains = prediction.abstains { json.member("abstain", abstains) }
        if let probabilities = prediction.probabilities {
            json.key("probabilities")
            try json.array(probabilities.span)
        }
        json.endObject()
    }

    private mutating func write(
        _ candidates: [Candidate], _ key: StaticString
    ) throws(NotFinite) {
        json.key(key)
        json.beginArray()
        // Read in place, as a copy of each would count its references.
        let entries = candidates.span
        for index in entries.indices { try write(entries[index]) }
        json.endArray()
    }

    private mutating func write(_ candidate: Candidate) throws(NotFinite) {
        json.beginObject()
        json.member("index", candidate.index)
        json.member("label", model.label(candidate.index))
        if let probability = candidate.probability { try json.member("probability", probability) }
        if let score = candidate.score { try json.member("score", score) }
        if let spread = candidate.spread {
            try json.member("standard_error", spread.standardError)
            json.key("interval")
            let interval = [spread.interval.lowerBound, spread.interval.upperBound]
            try json.array(interval.span)
            try json.member("standard_deviation", spread.standardDeviation)
        }
        if let profile = candidate.profile { try write(profile) }
        json.endObject()
    }

    private mutating func write(_ profile: NoiseProfile) throws(NotFinite) {
        if !profile.quantiles.isEmpty {
            json.key("quantiles")
            try json.array(profile.quantiles.span)
        }
        if !profile.histogram.isEmpty {
            json.key("histogram")
            try json.array(profile.histogram.span)
        }
        if let share = profile.voteShare { try json.member("vote_share", share) }
    }

    private mutating func write(_ uncertainty: Uncertainty) throws(NotFinite) {
        json.key("uncertainty")
        json.beginObject()
        try json.member("predictive_entropy", uncertainty.predictiveEntropy)
        if let expected = uncertainty.expectedEntropy,
            let information = uncertainty.latentNoiseInformation
        {
            try json.member("expected_entropy", expected)
            try json.member("latent_noise_information", information)
        }
        if let probability = uncertainty.maxProbability {
            try json.member("max_probability", probability)
        }
        if let margin = uncertainty.margin { try json.member("margin", margin) }
        if let error = uncertainty.marginStandardError {
            try json.member("margin_standard_error", error)
        }
        if let residual = uncertainty.residualProbability {
            try json.member("residual_probability", residual)
        }
        json.member("samples", uncertainty.sampleCount ?? 0)
        json.member("estimator", uncertainty.estimator.rawValue)
        if let seed = uncertainty.seed { json.member("seed", seed) }
        try writeEcho(uncertainty)
        json.endObject()
    }

    /// Fields of the uncertainty that answer parameters of the request, which they repeat.
    private mutating func writeEcho(_ uncertainty: Uncertainty) throws(NotFinite) {
        if !echo.quantileLevels.isEmpty {
            json.key("quantile_levels")
            json.beginArray()
            for level in echo.quantileLevels { try json.number(level) }
            json.endArray()
        }
        if let isConverged = uncertainty.isConverged { json.member("converged", isConverged) }
        if let isCertified = uncertainty.isCertified { json.member("certified", isCertified) }
        if let delta = echo.delta { try json.member("delta", delta) }
    }

    private mutating func write(_ set: PredictionSet) throws(NotFinite) {
        json.key("prediction_set")
        json.beginObject()
        json.key("labels")
        json.beginArray()
        for candidate in set.labels {
            json.beginObject()
            json.member("index", candidate.index)
            json.member("label", model.label(candidate.index))
            if let probability = candidate.probability {
                try json.member("probability", probability)
            }
            json.endObject()
        }
        json.endArray()
        json.member("size", set.labels.count)
        try json.member("coverage", set.rule.coverage)
        json.member("method", set.rule.method.rawValue)
        json.key("threshold")
        if let threshold = set.rule.threshold { try json.number(threshold) } else { json.null() }
        json.member("complete", set.isComplete)
        json.endObject()
    }
}
