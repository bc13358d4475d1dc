internal import Glibc
internal import LogitKernels
internal import Predictions

/// MHP: one dense layer whose outputs are split into heads; a label's probability is the product
/// of its digits' probabilities — of probabilities, never of logits.
struct ProductHead: Head {
    /// D → Σ C_h.
    let layer: DenseLayer
    let radix: MixedRadix
    let activation: HeadActivation
    let preLogits: PreLogitsLayer?

    var summary: HeadSummary {
        .exact(
            kind: .mhp, link: .softmax,
            inputCount: preLogits.inputCount(featureCount: layer.inputCount),
            classCount: radix.classCount,
            canListProbabilities: radix.classCount <= Self.maxListedClasses)
    }

    /// Labels are as many as the products of the outputs, not the outputs: a small file may have
    /// more of them than memory has room for. 2²⁰ probabilities, as Doubles while they are
    /// multiplied, are 8 MiB. The digits' probabilities meet in every one of them.
    private static let maxListedClasses = 1 << 20

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        let features = preLogits.features(of: batch, context.kernel)
        let logits = layer.apply(features, context.kernel)
        return context.map(rowCount: batch.rowCount) { index in
            let values = logits.matrixRow(index, width: layer.outputCount)
            guard areFinite(values.span) else { return .overflow }
            return outcome(
                ProductDistribution(radix: radix, logits: values, activation), batch.options[index])
        }
    }

    /// The mass of all labels but the listed ones, which may be too many to be summed. All digits
    /// of a double but those that the difference takes; none where all labels are listed.
    private func residual(besides listed: ArraySlice<Double>) -> Double {
        listed.count < radix.classCount ? max(0, listed.reduce(1, -)) : 0
    }

    private func outcome(
        _ distribution: ProductDistribution, _ options: RowOptions
    ) -> RowOutcome {
        let best = distribution.top(
            min(options.rankedCount(hasMargin: true), radix.classCount))
        let probabilities = best.map { exp($0.value) }
        let first = probabilities[0]
        let listed = probabilities.prefix(
            options.listedCount(probabilities.lazy.map { Float($0) }))
        var uncertainty = Uncertainty(
            predictiveEntropy: distribution.entropy, maxProbability: Float(first),
            margin: Float(first - (probabilities.count > 1 ? probabilities[1] : 0)),
            residualProbability: Float(residual(besides: listed)), estimator: .exact)
        uncertainty.settle(options, probabilities.lazy.map { Float($0) })
        var answer = Prediction(
            top: zip(best, listed).map {
                Candidate(index: $0.index, probability: Float($1))
            }, hasList: options.topK > 0,
            named: options.labels.map {
                Candidate(
                    index: $0, probability: Float(exp(distribution.logProbability(of: $0))))
            },
            uncertainty: uncertainty,
            probabilities: options.wantsProbabilities ? distribution.probabilities() : nil)
        answer.decide(options) { distribution }
        return .prediction(answer)
    }
}
