internal import LogitKernels

/// Moments of one row over the samples of every member of a head, S samples each.
///
/// The answer is p̂ = (1/E) Σ_e p̂_e with p̂_e the mean over member e's S samples. Members are
/// fixed and all of them are asked, so they are strata, not a sample of anything: only the noise
/// within a member is random, and members draw independently. Hence
///
///     Var(p̂) = (1/E²) Σ_e Var(p̂_e) = (1/E²) Σ_e v_e / S = v̄ / (E S),  v̄ = (1/E) Σ_e v_e,
///
/// with v_e the unbiased variance of p over the samples of member e. So v̄ and E·S go together as
/// the variance and the sample count of one plain mean do: √v̄ is the standard deviation over the
/// noise, which does not shrink with S, and √(v̄ / (E S)) the standard error. The
/// disagreement of members is in neither; it is in the difference of the entropies. For E = 1 all
/// of this is the member's own.
///
/// A member's samples may be cut into replicates, by rules whose samples are not independent: they
/// tell their error by the means of replicates (`means(ofReplicate:)`).
///
/// Keeps the sums, 16·K bytes each, where a member's weights are 4·D·K.
struct EnsembleMoments: Sendable {
    /// p̂, per class; empty without members.
    let means: [Double]
    /// Replicates of each member.
    let replicateCount: Int
    /// Moments of all replicates, member after member; all have the same number of samples.
    private let parts: [SampleMoments]

    /// The sums of each member: one a replicate, at least one.
    init(_ members: [[SampleMoments]]) {
        replicateCount = members.first?.count ?? 1
        parts = members.flatMap { $0 }
        means = Self.means(of: parts)
    }

    /// Samples of all members, E·S.
    var sampleCount: Int { parts.reduce(0) { $0 + $1.sampleCount } }

    /// S.
    var samplesPerMember: Int { parts.prefix(replicateCount).reduce(0) { $0 + $1.sampleCount } }

    /// p̂ by one replicate of every member, per class.
    func means(ofReplicate replicate: Int) -> [Double] {
        let places = stride(from: replicate, to: parts.count, by: replicateCount)
        return Self.means(of: places.map { parts[$0] })
    }

    private static func means(of parts: [SampleMoments]) -> [Double] {
        guard var sums = parts.first?.means else { return [] }
        if parts.count == 1 { return sums }
        for part in parts.dropFirst() {
            for (k, mean) in part.means.enumerated() { sums[k] += mean }
        }
        return sums.map { $0 / Double(parts.count) }
    }

    /// The mean of class `k` by one replicate of every member.
    func mean(ofReplicate replicate: Int, _ k: Int) -> Double {
        let places = stride(from: replicate, to: parts.count, by: replicateCount)
        let sum = places.reduce(0) { $0 + parts[$1].mean(of: k) }
        return sum / Double(parts.count / replicateCount)
    }

    /// The variance over the noise of class `k`: the mean over the members of E p² − (E p)², each
    /// over all points: for rules whose replicates' means differ by less than their points tell.
    func pooledVariance(of k: Int) -> Double {
        let members = stride(from: 0, to: parts.count, by: replicateCount).map { first in
            let own = parts[first..<first + replicateCount]
            let count = Double(replicateCount)
            let mean = own.reduce(0) { $0 + $1.mean(of: k) } / count
            let square = own.reduce(0) { $0 + $1.meanSquare(of: k) } / count
            return max(0, square - mean * mean)
        }
        return members.reduce(0, +) / Double(members.count)
    }

    /// v̄ of class `k`.
    func variance(of k: Int) -> Double { mean { $0.variance(of: k) } }

    /// Mean over members and samples, in nats.
    var expectedEntropy: Double { mean(\.expectedEntropy) }

    private func mean(_ value: (SampleMoments) -> Double) -> Double {
        parts.reduce(0) { $0 + value($1) } / Double(parts.count)
    }
}
