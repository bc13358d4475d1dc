package import LogitKernels

/// The source of a sampling head's randomness: independent standard-normal draws, which a
/// `SamplingRule` takes as they are or makes its points of.
package protocol NoiseSource: Sendable {
    /// Fills `draws` (`sampleCount`×`dimensionCount`, row-major) with the draws of the samples
    /// from `firstSample` on. A draw depends on the seed, the member, the replicate, the sample and
    /// the dimension only, and draws that differ in any of them are independent.
    ///
    /// Dimensions 0..<R are the factors; the diagonal noise follows: one dimension when it is
    /// shared, one per latent coordinate when it is independent.
    func fill(
        _ draws: inout MutableSpan<Float>, _ block: DrawBlock, kernel: LogitKernel)

    /// Whether `fill` looks at the row: rows then cannot share draws.
    var dependsOnRow: Bool { get }
}

extension NoiseSource {
    package var dependsOnRow: Bool { true }
}

/// The draws of some samples of one row.
package struct DrawBlock: Sendable, Equatable {
    package var row: Int
    package var seed: UInt64
    /// Member of an ensemble head; 0 for any other head.
    package var member: Int
    /// Below `SamplingPlan.maxReplicates`.
    package var replicate = 0
    package var firstSample: Int
    package var sampleCount: Int
    package var dimensionCount: Int
    /// Samples of the replicate in all where its points are made for their number; nil where they
    /// are the first of a sequence.
    package var netSampleCount: Int?
}

/// The server's own noise: a counter-based generator keyed by seed, member, replicate, sample and
/// dimension.
package struct CounterNoise: NoiseSource {
    /// Samples a member's stretch of the counter has room for, far above any request's limit. No
    /// two members, of which there are fewer than 2²³, share a counter.
    static let samplesPerMember = 1 << 40
    /// The same for each replicate of a member.
    private static let samplesPerReplicate = samplesPerMember / SamplingPlan.maxReplicates

    package init() {}

    package var dependsOnRow: Bool { false }

    package func fill(
        _ draws: inout MutableSpan<Float>, _ block: DrawBlock, kernel: LogitKernel
    ) {
        kernel.normals(
            seed: block.seed,
            firstSample: block.member * Self.samplesPerMember
                + block.replicate * Self.samplesPerReplicate + block.firstSample,
            sampleCount: block.sampleCount,
            dimensionCount: block.dimensionCount, into: &draws)
    }
}
