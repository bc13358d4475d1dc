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
            defaultSampleCount: defaultSampleCount, drawCount: weights.drawCount,
            hasKnownLaw: Quadrature.mayApply(to: weights, link))
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
                if options.estimator == .auto,
                    let law = try law(features, row: index, noises, context)
                {
                    return outcome(RowEstimate(law), options)
                }
                var sums: [[SampleMoments]] = []
                for member in members.indices {
                    let noise = members[member].latentNoise(noises[member], row: index)
                    sums.append(
                        try moments(sampler, ofMember: member, features, row: index, noise, table))
                }
                return outcome(RowEstimate(EnsembleMoments(sums), sampler), options)
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
        let hasAxes = sampler.rule.usesPrincipalAxes
        switch path
            ?? weights.cheapestPath(sampleCount: sampler.plan.sampleCount, hasAxes: hasAxes)
        {
        case .loadings:
            return try sampler.moments(
                ofMember: member,
                weights.noisyLogits(
                    features, row: row, noise, hasAxes: hasAxes, kernel),
                table)
        case .covariance:
            return try sampler.moments(
                ofMember: member,
                weights.covarianceLogits(
                    features, row: row, noise, hasAxes: hasAxes, kernel),
                table)
        case .latents:
            return try sampler.moments(
                ofMember: member, weights.latentSampler(features, row: row, noise, kernel),
                classCount: weights.classCount)
        }
    }

    /// The law of one row by quadrature; nil where it must be sampled.
    private func law(
        _ features: FeatureRows, row: Int, _ noises: [NoiseOutputs], _ context: ComputeContext
    ) throws(RowSampler.Failure) -> RowLaw? {
        guard Quadrature.mayApply(to: weights, link) else { return nil }
        let logits = zip(members, noises).map { member, noise in
            let noise = member.latentNoise(noise, row: row)
            return link == .sigmoid
                ? member.labelLogits(features, row: row, noise, context.kernel)
                : member.lineLogits(features, row: row, noise, context.kernel)
        }
        return try Quadrature(link: link, row: row, context: context).law(of: logits)
    }

    private func outcome(_ estimate: RowEstimate, _ options: RowOptions) -> RowOutcome {
        let probabilities = estimate.means.map { Float($0) }
        let best = TopK.indices(of: probabilities, count: max(options.topK, 2))
        let top = Array(
            best.prefix(options.listedCount(best.lazy.map { probabilities[$0] })))
        func candidates(_ classes: [Int]) -> [Candidate] {
            if classes.isEmpty { return [] }
            let spreads = estimate.spreads(ofClasses: classes)
            return classes.enumerated().map { rank, index in
                Candidate(
                    index: index, probability: probabilities[index], spread: spreads?[rank])
            }
        }
        return .prediction(
            Prediction(
                top: candidates(top), hasList: options.topK > 0,
                named: candidates(options.labels),
                uncertainty: uncertainty(estimate, best: best, listed: top, seed: options.seed),
                probabilities: options.wantsProbabilities ? probabilities : nil))
    }

    private func uncertainty(
        _ estimate: RowEstimate, best: [Int], listed: [Int], seed: UInt64
    ) -> Uncertainty {
        let means = estimate.means
        let isDistribution = link == .softmax
        return Uncertainty(
            predictiveEntropy: min(
                estimate.predictiveEntropy(
                    isDistribution ? Entropy.ofDistribution : Entropy.ofLabels),
                Entropy.most(classCount: means.count, isDistribution: isDistribution)),
            expectedEntropy: estimate.expectedEntropy,
            maxProbability: isDistribution ? best.first.map { Float(means[$0]) } : nil,
            margin: isDistribution ? Self.margin(means, best: best) : nil,
            residualProbability: isDistribution
                ? Float(Residual.sum(of: means, besides: listed)) : nil,
            estimator: estimate.estimator, sampleCount: estimate.sampleCount, seed: seed)
    }

    /// The lead of the best label over the second one, or over 0 where there is only one.
    private static func margin(_ means: [Double], best: [Int]) -> Float? {
        guard let first = best.first else { return nil }
        return Float(means[first] - (best.count > 1 ? means[best[1]] : 0))
    }
}
