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
///
/// Keeps the members' sums, 16·K bytes each, where their weights are 4·D·K.
struct EnsembleMoments: Sendable {
    private var members: [SampleMoments] = []

    mutating func add(_ member: SampleMoments) { members.append(member) }

    /// Samples of all members, E·S.
    var sampleCount: Int { members.reduce(0) { $0 + $1.sampleCount } }

    /// p̂, per class; empty without members.
    var means: [Double] {
        guard var sums = members.first?.means else { return [] }
        if members.count == 1 { return sums }
        for member in members.dropFirst() {
            for (k, mean) in member.means.enumerated() { sums[k] += mean }
        }
        return sums.map { $0 / Double(members.count) }
    }

    /// v̄ of class `k`.
    func variance(of k: Int) -> Double { mean { $0.variance(of: k) } }

    /// Mean over members and samples, in nats.
    var expectedEntropy: Double { mean(\.expectedEntropy) }

    private func mean(_ value: (SampleMoments) -> Double) -> Double {
        members.reduce(0) { $0 + value($1) } / Double(members.count)
    }
}
