/// Answers of heads without noise.
enum ExactAnswer {
    /// From one distribution over all classes; `entropy` in nats.
    static func distribution(
        _ probabilities: [Float], entropy: Double, scores: [Float]? = nil, _ options: RowOptions
    ) -> RowOutcome {
        let best = TopK.indices(of: probabilities, count: max(options.topK, 2))
        let first = best[0]
        let runnerUp = best.count > 1 ? probabilities[best[1]] : 0
        return .prediction(
            Prediction(
                top: best.prefix(options.topK).map { index in
                    Candidate(
                        index: index, probability: probabilities[index], score: scores?[index])
                },
                uncertainty: Uncertainty(
                    predictiveEntropy: entropy, maxProbability: probabilities[first],
                    margin: probabilities[first] - runnerUp, estimator: .exact),
                probabilities: options.wantsProbabilities ? probabilities : nil))
    }

    /// From one probability for every label.
    static func labels(_ probabilities: [Float], _ options: RowOptions) -> RowOutcome {
        let best = TopK.indices(of: probabilities, count: options.topK)
        return .prediction(
            Prediction(
                top: best.map { Candidate(index: $0, probability: probabilities[$0]) },
                uncertainty: Uncertainty(
                    predictiveEntropy: Entropy.ofLabels(probabilities.map { Double($0) }),
                    estimator: .exact),
                probabilities: options.wantsProbabilities ? probabilities : nil))
    }
}
