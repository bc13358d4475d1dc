internal import LogitKernels

/// Moments of one row over the samples of every member of a head, S samples each.
///
/// The answer is p̂ = (1/E) Σ_e p̂_e with p̂_e the mean over member e's S samples. Members are fixed
/// and all of them are asked, so they are strata, not a sample of anything: only the noise within
/// a member is random, and members draw independently. Hence
///
///     Var(p̂) = (1/E²) Σ_e Var(p̂_e) = (1/E²) Σ_e v_e / S = v̄ / (E S),  v̄ = (1/E) Σ_e v_e,
///
/// with v_e the unbiased variance of p over the samples of member e. So v̄ and E·S go together as
/// the variance and the sample count of one plain mean do: √v̄ is the standard deviation over the
/// noise, which does not shrink with S, and √(v̄ / (E S)) the standard error. What members
/// disagree on is in neither; it is in the difference of the entropies. For E = 1 all of this is
/// the member's own.
struct EnsembleMoments: Sendable {
    private var meanSums: [Double]
    private var varianceSums: [Double]
    private var entropySum = 0.0
    private var memberCount = 0
    /// Samples of all members, E·S.
    private(set) var sampleCount = 0

    init(classCount: Int) {
        meanSums = Array(repeating: 0, count: classCount)
        varianceSums = meanSums
    }

    mutating func add(_ member: SampleMoments) {
        for (index, mean) in member.means.enumerated() { meanSums[index] += mean }
        for (index, variance) in member.variances.enumerated() { varianceSums[index] += variance }
        entropySum += member.expectedEntropy
        sampleCount += member.sampleCount
        memberCount += 1
    }

    /// p̂, per class.
    var means: [Double] { meanSums.map { $0 / Double(memberCount) } }

    /// v̄, per class.
    var variances: [Double] { varianceSums.map { $0 / Double(memberCount) } }

    /// Mean over members and samples, in nats.
    var expectedEntropy: Double { entropySum / Double(memberCount) }
}
