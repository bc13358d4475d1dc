/// The points that a rule draws for one row and member: replicates of equal size. Replicates are
/// estimates of the same mean that differ by their randomness alone, so the error of their mean
/// follows from how far they lie apart.
struct SamplingPlan: Sendable, Equatable {
    /// At least 1, at most `maxReplicates`.
    var replicateCount = 1
    /// Points of a replicate, at least 1.
    var samplesPerReplicate: Int
    /// Whether there are points made for their number, which are even only when all are drawn.
    var hasOwnNet = false

    /// Points in all, as the answer reports.
    var sampleCount: Int { replicateCount * samplesPerReplicate }

    /// Replicates that streams of draws have room for.
    static let maxReplicates = 16
}
