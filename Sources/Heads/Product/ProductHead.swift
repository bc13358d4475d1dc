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
        HeadSummary(
            kind: .mhp, link: .softmax, output: .distribution,
            inputCount: preLogits.inputCount(featureCount: layer.inputCount),
            classCount: radix.classCount, factorCount: nil, defaultSampleCount: nil)
    }

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

    private func outcome(
        _ distribution: ProductDistribution, _ options: RowOptions
    ) -> RowOutcome {
        let best = distribution.top(min(max(options.topK, 2), radix.classCount))
        let probabilities = best.map { exp($0.value) }
        let first = probabilities[0]
        return .prediction(
            Prediction(
                top: zip(best, probabilities).prefix(options.topK).map {
                    Candidate(index: $0.index, probability: Float($1))
                },
                uncertainty: Uncertainty(
                    predictiveEntropy: distribution.entropy, maxProbability: Float(first),
                    margin: Float(first - (probabilities.count > 1 ? probabilities[1] : 0)),
                    estimator: .exact),
                probabilities: options.wantsProbabilities ? distribution.probabilities() : nil))
    }
}
