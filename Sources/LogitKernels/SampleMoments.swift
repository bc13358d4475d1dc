import CLogitKernels

/// Streaming sums over the samples of one row, draws or points, for the mean and variance of each
/// class's probability and the mean entropy. 16·K bytes, and those of what is kept beside them;
/// only one block of logits exists at a time.
///
/// Blocks of logits are summed in double, class by class in the order of the samples; samples of
/// `NoisyLogits` in float32 by chunks of a wave, which are joined in double in their order. Either
/// way the results are the same bytes for any number of threads.
package struct SampleMoments: Sendable {
    /// The function that turns a sample's logits into probabilities.
    package enum Link: Sendable {
        /// One distribution over all classes.
        case softmax
        /// One Bernoulli distribution for each class.
        case sigmoid
    }

    /// Samples added so far.
    package private(set) var sampleCount = 0

    /// Facts kept of the samples beside their sums.
    package struct Kept: OptionSet, Sendable {
        package let rawValue: Int
        /// Scales, which `trace` needs: 12 bytes a sample, of samples of `NoisyLogits` alone.
        package static let scales = Kept(rawValue: 1)
        /// `votes`, 4 bytes a class.
        package static let votes = Kept(rawValue: 2)
        /// The sums that `differenceVariance` is computed from, 8 bytes a class.
        package static let leads = Kept(rawValue: 4)

        package init(rawValue: Int) { self.rawValue = rawValue }
    }

    package let link: Link
    let kept: Kept
    var sums: [Double]
    var squares: [Double]
    /// One a sample of `NoisyLogits`, in order, where they are kept.
    var scales: [logit_sample_scale] = []
    /// Samples that each class leads, the first of several; empty where they are not kept.
    package internal(set) var votes: [UInt32]
    /// Σ (p_L − p_k)² a class, where they are kept; of samples of `NoisyLogits` only up to
    /// `maxLeadClasses` classes.
    var leads: [Double] = []
    /// The class L that `leads` compares the others with, chosen when the first samples are added.
    var leader = 0
    private var entropyMean = 0.0
    /// Σ (entropy - mean)², by Welford's recurrence.
    private var entropyDeviation = 0.0

    package init(classCount: Int, link: Link, keeping kept: Kept = []) {
        precondition(classCount >= 1, "a distribution needs a class")
        (self.link, self.kept) = (link, kept)
        votes = kept.contains(.votes) ? Array(repeating: 0, count: classCount) : []
        sums = Array(repeating: 0, count: classCount)
        squares = Array(repeating: 0, count: classCount)
    }

    /// Bytes of the sums of a row, and of its votes and leads where they are kept.
    package static func byteCount(classCount: Int, keeping kept: Kept = []) -> Int {
        let votes = kept.contains(.votes) ? MemoryLayout<UInt32>.stride : 0
        let sums = kept.contains(.leads) ? 3 : 2
        return classCount * (sums * MemoryLayout<Double>.stride + votes)
    }

    /// Bytes that are kept of a sample with `Kept.scales`.
    package static let scaleByteCount = MemoryLayout<logit_sample_scale>.stride

    /// Adds a block of tempered logits, `sampleCount`×K, which is overwritten with garbage.
    ///
    /// Logits of any magnitude, infinite ones included, give probabilities between 0 and 1; see
    /// `LogitKernel.softmax`. Allocates three numbers per sample of the block.
    package mutating func add(
        _ logits: inout MutableSpan<Float>, sampleCount: Int, kernel: LogitKernel
    ) {
        precondition(sampleCount >= 0 && logits.count == sampleCount * sums.count, "not S×K")
        let rows = kernel.probabilities(&logits, classCount: sums.count, link: link)
        kernel.accumulate(logits, rows: rows, sums: &sums, squares: &squares)
        if kept.contains(.leads) { addLeads(logits, rows, kernel) }
        if kept.contains(.votes) { kernel.countVotes(logits, &votes) }
        for row in rows { addEntropy(row.entropy) }
    }

    mutating func addEntropy(_ entropy: Double) {
        sampleCount += 1
        let deviation = entropy - entropyMean
        entropyMean += deviation / Double(sampleCount)
        entropyDeviation += deviation * (entropy - entropyMean)
    }

    /// Adds the entropies of a chunk by its own mean and squares, which join those before it as
    /// Chan, Golub and LeVeque (Stanford, 1979) do: one division a chunk, where the recurrence
    /// waits for one a sample.
    mutating func addEntropies(_ values: UnsafeBufferPointer<Double>) {
        guard !values.isEmpty else { return }
        let (before, added) = (Double(sampleCount), Double(values.count))
        let mean = unsafe Self.sum(values, of: { $0 }) / added
        let square = unsafe Self.sum(values, of: { ($0 - mean) * ($0 - mean) })
        let total = before + added
        let deviation = mean - entropyMean
        entropyMean += deviation * (added / total)
        entropyDeviation += square + deviation * deviation * (before * added / total)
        sampleCount += values.count
    }

    /// The sum of a function of the values in eight lanes, so that additions need not wait for each
    /// other.
    private static func sum(
        _ values: UnsafeBufferPointer<Double>, of term: (Double) -> Double
    ) -> Double {
        var lanes = SIMD8<Double>.zero
        let whole = values.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
            for lane in 0..<8 { unsafe lanes[lane] += term(values[start + lane]) }
        }
        for place in whole..<values.count { unsafe lanes[place - whole] += term(values[place]) }
        return lanes.sum()
    }

    var classCount: Int { sums.count }

    /// The mean of p_k over the samples, per class; zeros before the first.
    package var means: [Double] {
        let count = Double(max(sampleCount, 1))
        return sums.map { $0 / count }
    }

    /// The mean of p_k over the samples; 0 before the first.
    package func mean(of k: Int) -> Double { sums[k] / Double(max(sampleCount, 1)) }

    /// The mean of p_k² over the samples; 0 before the first.
    package func meanSquare(of k: Int) -> Double { squares[k] / Double(max(sampleCount, 1)) }

    /// The unbiased (n - 1) variance of p_k over the samples; 0 for fewer than two. The
    /// cancellation costs about n·10⁻¹⁶ relative to the mean of p².
    package func variance(of k: Int) -> Double {
        guard sampleCount > 1 else { return 0 }
        let count = Double(sampleCount)
        return max(0, (squares[k] - sums[k] * (sums[k] / count)) / (count - 1))
    }

    /// The mean over the samples of the entropy of the sample's distribution, in nats: -Σ p ln p
    /// for softmax, the sum over the classes of the binary entropies for sigmoid.
    package var expectedEntropy: Double { entropyMean }

    /// The standard error of `expectedEntropy` over independent samples, in nats; 0 for fewer
    /// than two.
    package var expectedEntropyStandardError: Double {
        guard sampleCount > 1 else { return 0 }
        let count = Double(sampleCount)
        return (entropyDeviation / (count - 1) / count).squareRoot()
    }
}
