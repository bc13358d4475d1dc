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
    /// The rules a row may choose from.
    var rules = SamplingRules.all

    var weights: HeteroscedasticWeights { members[0] }

    var summary: HeadSummary {
        HeadSummary(
            kind: weights.space == .features ? .hetXL : .het, link: link, output: link.output,
            inputCount: preLogits.inputCount(featureCount: weights.featureCount),
            classCount: weights.classCount, factorCount: weights.factorCount,
            defaultSampleCount: defaultSampleCount, drawCount: weights.drawCount)
    }

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        let features = preLogits.features(of: batch, context.kernel)
        let noises = members.map {
            $0.noiseOutputs(of: features, context.kernel)
        }
        let table = DrawTable(context)
        return context.map(rowCount: batch.rowCount) { index in
            let options = batch.options[index]
            let sampler = RowSampler(
                rule: rules.rule(for: options.estimator), link: link, row: index,
                options: options, context: context)
            do throws(RowSampler.Failure) {
                var sums: [[SampleMoments]] = []
                for member in members.indices {
                    let noise = members[member].latentNoise(noises[member], row: index)
                    sums.append(
                        try moments(sampler, ofMember: member, features, row: index, noise, table))
                }
                return outcome(EnsembleMoments(sums), sampler, options)
            } catch {
                return error == .notWanted ? .notWanted : .overflow
            }
        }
    }

    /// Moments of one member for one row, one a replicate.
    private func moments(
        _ sampler: RowSampler, ofMember member: Int, _ features: FeatureRows, row: Int,
        _ noise: consuming LatentNoise, _ table: DrawTable
    ) throws(RowSampler.Failure) -> [SampleMoments] {
        let (weights, kernel) = (members[member], sampler.kernel)
        switch path ?? weights.cheapestPath(sampleCount: sampler.plan.sampleCount) {
        case .loadings:
            return try sampler.moments(
                ofMember: member, weights.noisyLogits(features, row: row, noise, kernel), table)
        case .covariance:
            return try sampler.moments(
                ofMember: member, weights.covarianceLogits(features, row: row, noise, kernel),
                table)
        case .latents:
            return try sampler.moments(
                ofMember: member, weights.latentSampler(features, row: row, noise, kernel),
                classCount: weights.classCount)
        }
    }

    private func outcome(
        _ moments: EnsembleMoments, _ sampler: RowSampler, _ options: RowOptions
    ) -> RowOutcome {
        let probabilities = moments.means.map { Float($0) }
        let best = TopK.indices(of: probabilities, count: max(options.topK, 2))
        let top = Array(
            best.prefix(options.listedCount(best.lazy.map { probabilities[$0] })))
        func candidates(_ classes: [Int]) -> [Candidate] {
            let spreads = sampler.rule.spreads(ofClasses: classes, moments)
            return classes.enumerated().map { rank, index in
                Candidate(
                    index: index, probability: probabilities[index], spread: spreads?[rank])
            }
        }
        return .prediction(
            Prediction(
                top: candidates(top), hasList: options.topK > 0,
                named: candidates(options.labels),
                uncertainty: uncertainty(
                    moments, best: best, listed: top, sampler, seed: options.seed),
                probabilities: options.wantsProbabilities ? probabilities : nil))
    }

    private func uncertainty(
        _ moments: EnsembleMoments, best: [Int], listed: [Int], _ sampler: RowSampler,
        seed: UInt64
    ) -> Uncertainty {
        let means = moments.means
        let isDistribution = link == .softmax
        return Uncertainty(
            predictiveEntropy: isDistribution
                ? Entropy.ofDistribution(means) : Entropy.ofLabels(means),
            expectedEntropy: moments.expectedEntropy,
            maxProbability: isDistribution ? best.first.map { Float(means[$0]) } : nil,
            margin: isDistribution ? Self.margin(means, best: best) : nil,
            residualProbability: isDistribution
                ? Float(Residual.sum(of: means, besides: listed)) : nil,
            estimator: sampler.rule.estimator, sampleCount: sampler.plan.sampleCount, seed: seed)
    }

    /// The lead of the best label over the second one, or over 0 where there is only one.
    private static func margin(_ means: [Double], best: [Int]) -> Float? {
        guard let first = best.first else { return nil }
        return Float(means[first] - (best.count > 1 ? means[best[1]] : 0))
    }
}
