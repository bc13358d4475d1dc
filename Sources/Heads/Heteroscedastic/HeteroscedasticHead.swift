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
            memberCount: members.count, hasKnownLaw: Quadrature.mayApply(to: weights, link))
    }

    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome] {
        let features = preLogits.features(of: batch, context.kernel)
        let noises = members.map {
            $0.noiseOutputs(of: features, context.kernel)
        }
        let table = DrawTable(context)
        return context.map(rowCount: batch.rowCount) { index in
            do throws(RowSampler.Failure) {
                let options = batch.options[index]
                if options.estimator == .auto,
                    let law = try law(features, row: index, noises, context)
                {
                    return try outcome(law, options)
                }
                let rule = rules.rule(for: options)
                let sampler = RowSampler(
                    rule: rule, link: link, row: index, options: options,
                    tracesMargins: rule.tracesMargins, context: context, table: table)
                return try outcome(
                    sampled(features, row: index, noises, sampler, rule, options), options)
            } catch {
                return error == .notWanted ? .notWanted : .overflow
            }
        }
    }

    /// The estimate of one row from samples, as many as its goal takes.
    private func sampled(
        _ features: FeatureRows, row: Int, _ noises: [NoiseOutputs], _ sampler: RowSampler,
        _ rule: any SamplingRule, _ options: RowOptions
    ) throws(RowSampler.Failure) -> RowEstimate {
        var samples = RowSamples(sampler)
        for (member, noise) in zip(members, noises) {
            let noise = member.latentNoise(noise, row: row)
            try samples.add(logits(of: member, features, row: row, noise, sampler))
        }
        let hasReachedGoal = try samples.reachGoal(by: rule, options)
        return RowEstimate(samples, by: rule, hasReachedGoal: hasReachedGoal)
    }

    /// The noisy logits of one member for one row, in the form that the cheapest path samples.
    private func logits(
        of member: HeteroscedasticWeights, _ features: FeatureRows, row: Int,
        _ noise: consuming LatentNoise, _ sampler: RowSampler
    ) -> MemberLogits {
        let (kernel, hasAxes) = (sampler.kernel, sampler.rule.usesPrincipalAxes)
        switch path
            ?? member.cheapestPath(sampleCount: sampler.plan.sampleCount, hasAxes: hasAxes)
        {
        case .loadings:
            return .shared(
                member.noisyLogits(features, row: row, noise, hasAxes: hasAxes, kernel))
        case .covariance:
            return .shared(
                member.covarianceLogits(features, row: row, noise, hasAxes: hasAxes, kernel))
        case .latents:
            return .latents(
                member.latentSampler(features, row: row, noise, kernel),
                classCount: member.classCount)
        }
    }

    /// The law of one row by quadrature; nil where it must be sampled.
    private func law(
        _ features: FeatureRows, row: Int, _ noises: [NoiseOutputs], _ context: ComputeContext
    ) throws(RowSampler.Failure) -> RowEstimate? {
        guard Quadrature.mayApply(to: weights, link) else { return nil }
        let logits = zip(members, noises).map { member, noise in
            let noise = member.latentNoise(noise, row: row)
            return link == .sigmoid
                ? member.labelLogits(features, row: row, noise, context.kernel)
                : member.lineLogits(features, row: row, noise, context.kernel)
        }
        let quadrature = Quadrature(link: link, row: row, members: logits, context: context)
        return try quadrature.law().map { RowEstimate($0, by: quadrature) }
    }

    private func outcome(
        _ estimate: RowEstimate, _ options: RowOptions
    ) throws(RowSampler.Failure) -> RowOutcome {
        let probabilities = estimate.means.map { Float($0) }
        let best = TopK.indices(of: probabilities, count: max(options.topK, 2))
        let top = options.listed(best, of: probabilities)
        // Together: laws of single probabilities take another pass over the noise.
        let entries = try candidates(top + options.labels, probabilities, estimate, options)
        var answer = Prediction(
            top: Array(entries.prefix(top.count)), hasList: options.topK > 0,
            named: Array(entries.dropFirst(top.count)),
            uncertainty: try uncertainty(estimate, best: best, listed: top, options),
            probabilities: options.wantsProbabilities ? probabilities : nil)
        if link == .softmax {
            answer.decide(options) { ListedDistribution(probabilities: probabilities) }
        }
        return .prediction(answer)
    }

    private func candidates(
        _ classes: [Int], _ probabilities: [Float], _ estimate: RowEstimate,
        _ options: RowOptions
    ) throws(RowSampler.Failure) -> [Candidate] {
        if classes.isEmpty { return [] }
        let spreads = estimate.spreads(ofClasses: classes)
        var profiles: [NoiseProfile] = []
        if options.hasDetails, options.details.wantsProfiles {
            profiles = try estimate.profiles(ofClasses: classes, options.details)
        }
        return classes.enumerated().map { rank, index in
            Candidate(
                index: index, probability: probabilities[index], spread: spreads?[rank],
                profile: profiles.isEmpty ? nil : profiles[rank])
        }
    }

    private func uncertainty(
        _ estimate: RowEstimate, best: [Int], listed: [Int], _ options: RowOptions
    ) throws(RowSampler.Failure) -> Uncertainty {
        let means = estimate.means
        let isDistribution = link == .softmax
        var uncertainty = Uncertainty(
            predictiveEntropy: estimate.predictiveEntropy(
                isDistribution ? .distribution : .labels),
            expectedEntropy: estimate.expectedEntropy,
            estimator: estimate.estimator, sampleCount: estimate.sampleCount, seed: options.seed)
        if estimate.estimator == .quadrature {
            uncertainty.settle(options, best.lazy.map { Float(means[$0]) })
        }
        switch estimate.goal {
        case .plan: break
        case .tolerance: uncertainty.isConverged = estimate.hasReachedGoal
        case .leader: uncertainty.isCertified = estimate.hasReachedGoal
        }
        guard isDistribution, let first = best.first else { return uncertainty }
        let second = best.count > 1 ? best[1] : nil
        uncertainty.maxProbability = Float(means[first])
        uncertainty.margin = Float(means[first] - (second.map { means[$0] } ?? 0))
        uncertainty.marginStandardError = try estimate.differenceError(first, second).map {
            Float($0)
        }
        uncertainty.residualProbability = Float(Residual.sum(of: means, besides: listed))
        return uncertainty
    }
}
