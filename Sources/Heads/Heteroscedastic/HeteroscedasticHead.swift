internal import LogitKernels
internal import Predictions

/// HET and HET-XL: logits with Gaussian noise, averaged over the noise after the link
/// (edward2, `jax/nn/heteroscedastic_lib.py`), and over the members of a BatchEnsemble.
struct HeteroscedasticHead: Head {
    /// At least one; all of one shape and law.
    let members: [HeteroscedasticWeights]
    let link: Link
    let defaultSampleCount: Int
    let preLogits: PreLogitsLayer?
    /// The path samples take; nil leaves it to the cost model.
    var path: SamplingPath?

    var weights: HeteroscedasticWeights { members[0] }

    var summary: HeadSummary {
        HeadSummary(
            kind: weights.space == .features ? .hetXL : .het, link: link,
            output: link == .softmax ? .distribution : .labelProbabilities,
            inputCount: preLogits.inputCount(featureCount: weights.featureCount),
            classCount: weights.classCount, factorCount: weights.factorCount,
            defaultSampleCount: defaultSampleCount)
    }

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        let features = preLogits.features(of: batch, context.kernel)
        let noises = members.map {
            $0.noiseOutputs(of: features, context.kernel)
        }
        let table = DrawTable(context)
        return context.map(rowCount: batch.rowCount) { index in
            let options = batch.options[index]
            let features = features.only(index)
            do throws(MonteCarlo.Failure) {
                var moments = EnsembleMoments()
                for member in members.indices {
                    let estimator = MonteCarlo(
                        link: link, row: index, member: member, options: options, context: context)
                    let noise = members[member].latentNoise(noises[member], row: index)
                    moments.add(try self.moments(estimator, features, noise, table))
                }
                return outcome(moments, options)
            } catch {
                return error == .notWanted ? .notWanted : .overflow
            }
        }
    }

    private func moments(
        _ estimator: MonteCarlo, _ features: FeatureRows, _ noise: LatentNoise, _ table: DrawTable
    ) throws(MonteCarlo.Failure) -> SampleMoments {
        let weights = members[estimator.member]
        let kernel = estimator.context.kernel
        switch path ?? weights.cheapestPath(sampleCount: estimator.options.sampleCount) {
        case .loadings:
            return try estimator.moments(
                weights.noisyLogits(features, noise, kernel), table)
        case .covariance:
            return try estimator.moments(
                weights.covarianceLogits(features, noise, kernel), table)
        case .latents:
            return try estimator.moments(
                weights.latentSampler(features, noise, kernel), classCount: weights.classCount)
        }
    }

    /// A single sample says nothing of its own spread.
    private func outcome(_ moments: EnsembleMoments, _ options: RowOptions) -> RowOutcome {
        let means = moments.means
        let probabilities = means.map { Float($0) }
        let best = TopK.indices(of: probabilities, count: max(options.topK, 2))
        return .prediction(
            Prediction(
                top: best.prefix(options.topK).map { index in
                    Candidate(
                        index: index, probability: probabilities[index], score: nil,
                        spread: options.sampleCount < 2
                            ? nil
                            : SamplingSpread(
                                mean: means[index], variance: moments.variance(of: index),
                                sampleCount: moments.sampleCount))
                },
                uncertainty: uncertainty(moments, means: means, best: best, options),
                probabilities: options.wantsProbabilities ? probabilities : nil))
    }

    private func uncertainty(
        _ moments: EnsembleMoments, means: [Double], best: [Int], _ options: RowOptions
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
