internal import LogitKernels

/// HET and HET-XL: logits with Gaussian noise, averaged over the noise after the link
/// (science.md 1.3 to 1.6).
struct HeteroscedasticHead: Head {
    let weights: HeteroscedasticWeights
    let link: Link
    let defaultSampleCount: Int
    let preLogits: PreLogitsLayer?
    /// The path samples take; nil leaves it to the cost model.
    var path: SamplingPath?

    var summary: HeadSummary {
        HeadSummary(
            kind: weights.space == .features ? .hetXL : .het, link: link,
            output: link == .softmax ? .distribution : .labelProbabilities,
            inputCount: preLogits.inputCount(featureCount: weights.featureCount),
            classCount: weights.classCount, factorCount: weights.factorCount,
            defaultSampleCount: defaultSampleCount)
    }

    func predict(_ batch: FeatureBatch, _ work: HeadWork) -> [RowOutcome] {
        let features = preLogits.features(of: batch, work.kernel)
        let noises = weights.latentNoise(
            of: features, rowCount: batch.rowCount, work.kernel)
        return work.map(rowCount: batch.rowCount) { index in
            let options = batch.options[index]
            let sampler = weights.sampler(
                path ?? weights.cheaperPath(sampleCount: options.sampleCount),
                features: Array(row(index, of: features, width: weights.featureCount)),
                noise: noises[index], work.kernel)
            let estimator = MonteCarlo(
                sampler: sampler, link: link, classCount: weights.classCount)
            do throws(MonteCarlo.Failure) {
                return outcome(try estimator.moments(row: index, options, work), options)
            } catch {
                return error == .notWanted ? .notWanted : .overflow
            }
        }
    }

    private func outcome(_ moments: SampleMoments, _ options: RowOptions) -> RowOutcome {
        let means = moments.means
        let variances = moments.variances
        let probabilities = means.map { Float($0) }
        let best = TopK.indices(of: probabilities, count: max(options.topK, 2))
        return .prediction(
            Prediction(
                top: best.prefix(options.topK).map { index in
                    candidate(
                        index, mean: means[index], variance: variances[index],
                        sampleCount: options.sampleCount)
                },
                uncertainty: uncertainty(moments, means: means, best: best, options),
                probabilities: options.wantsProbabilities ? probabilities : nil))
    }

    /// A single sample says nothing of its own spread.
    private func candidate(
        _ index: Int, mean: Double, variance: Double, sampleCount: Int
    ) -> Candidate {
        Candidate(
            index: index, probability: Float(mean), score: nil,
            spread: sampleCount < 2
                ? nil
                : SamplingSpread(mean: mean, variance: variance, sampleCount: sampleCount))
    }

    private func uncertainty(
        _ moments: SampleMoments, means: [Double], best: [Int], _ options: RowOptions
    ) -> Uncertainty {
        let isDistribution = link == .softmax
        return Uncertainty(
            predictiveEntropy: isDistribution
                ? Entropy.ofDistribution(means) : Entropy.ofLabels(means),
            expectedEntropy: moments.expectedEntropy,
            maxProbability: isDistribution ? best.first.map { Float(means[$0]) } : nil,
            margin: isDistribution ? Self.margin(means, best: best) : nil,
            estimator: .monteCarlo, sampleCount: options.sampleCount, seed: options.seed)
    }

    /// The lead of the best label; over nothing where there is only one.
    private static func margin(_ means: [Double], best: [Int]) -> Float? {
        guard let first = best.first else { return nil }
        return Float(means[first] - (best.count > 1 ? means[best[1]] : 0))
    }
}
