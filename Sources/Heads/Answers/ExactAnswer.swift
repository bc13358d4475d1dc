internal import LogitKernels
internal import Predictions

/// Answers of heads without noise.
enum ExactAnswer {
    /// Classes of all rows together below which waking a thread would take longer than the rows.
    static let parallelClasses = 1 << 14

    /// The answer that follows from one logit for every label, which `ranking` is of; with
    /// `areScores` it has the logits too. Reads few logits unless all probabilities are wanted.
    static func row(
        _ logits: some RowLogits & ~Escapable, _ ranking: RowRanking?, areScores: Bool = false,
        _ options: RowOptions
    ) -> RowOutcome {
        guard let ranking else { return .overflow }
        let isDistribution = ranking.sums.link.link == .softmax
        let best = ranking.best(options.rankedCount(hasMargin: isDistribution), of: logits)
        var uncertainty = Uncertainty(
            predictiveEntropy: ranking.sums.entropy, estimator: .exact)
        uncertainty.settle(options, best.lazy.map(\.value))
        let listed = best.prefix(options.listedCount(best.lazy.map(\.value)))
        if isDistribution {
            uncertainty.maxProbability = best[0].value
            uncertainty.margin = best[0].value - (best.count > 1 ? best[1].value : 0)
            uncertainty.residualProbability = Float(ranking.residual(besides: listed, of: logits))
        }
        let all = options.wantsProbabilities ? probabilities(of: logits, ranking) : nil
        var answer = Prediction(
            top: candidates(listed, logits, areScores), hasList: options.topK > 0,
            named: candidates(ranking.labels(options.labels, of: logits), logits, areScores),
            uncertainty: uncertainty, probabilities: all)
        if isDistribution {
            answer.decide(options) {
                ListedDistribution(probabilities: all ?? probabilities(of: logits, ranking))
            }
        }
        return .prediction(answer)
    }

    /// The answer that follows from one distribution over all classes; `entropy` in nats.
    static func distribution(
        _ probabilities: [Float], entropy: Double, _ options: RowOptions
    ) -> RowOutcome {
        let best = TopK.indices(
            of: probabilities, count: options.rankedCount(hasMargin: true))
        let first = best[0]
        let runnerUp = best.count > 1 ? probabilities[best[1]] : 0
        var uncertainty = Uncertainty(
            predictiveEntropy: entropy, maxProbability: probabilities[first],
            margin: probabilities[first] - runnerUp, estimator: .exact)
        uncertainty.settle(options, best.lazy.map { probabilities[$0] })
        let listed = best.prefix(options.listedCount(best.lazy.map { probabilities[$0] }))
        uncertainty.residualProbability = Float(
            Residual.sum(of: probabilities, besides: listed))
        var answer = Prediction(
            top: candidates(listed, probabilities), hasList: options.topK > 0,
            named: candidates(options.labels, probabilities), uncertainty: uncertainty,
            probabilities: options.wantsProbabilities ? probabilities : nil)
        answer.decide(options) { ListedDistribution(probabilities: probabilities) }
        return .prediction(answer)
    }

    /// The answer that follows from one probability for every label.
    static func labels(_ probabilities: [Float], _ options: RowOptions) -> RowOutcome {
        let best = TopK.indices(
            of: probabilities, count: options.rankedCount(hasMargin: false))
        var uncertainty = Uncertainty(
            predictiveEntropy: Entropy.ofLabels(probabilities.map { Double($0) }),
            estimator: .exact)
        uncertainty.settle(options, best.lazy.map { probabilities[$0] })
        let listed = best.prefix(options.listedCount(best.lazy.map { probabilities[$0] }))
        return .prediction(
            Prediction(
                top: candidates(listed, probabilities), hasList: options.topK > 0,
                named: candidates(options.labels, probabilities),
                uncertainty: uncertainty,
                probabilities: options.wantsProbabilities ? probabilities : nil))
    }

    private static func candidates(
        _ labels: some Sequence<Int>, _ probabilities: [Float]
    ) -> [Candidate] {
        labels.map { Candidate(index: $0, probability: probabilities[$0]) }
    }

    private static func probabilities(
        of logits: some RowLogits & ~Escapable, _ ranking: RowRanking
    ) -> [Float] {
        logits.read(0..<logits.count) { ranking.probabilities(of: $0) }
    }

    private static func candidates(
        _ labels: some Sequence<RankedLabel<Float>>, _ logits: some RowLogits & ~Escapable,
        _ areScores: Bool
    ) -> [Candidate] {
        labels.map { label in
            Candidate(
                index: label.index, probability: label.value,
                score: areScores ? logits.read(label.index..<label.index + 1) { $0[0] } : nil)
        }
    }
}
