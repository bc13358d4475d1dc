import CLogitKernels

// The leads of one class over every other one. The covariance of two classes does not follow from
// their own moments, and K² of them are too many. But the two best are mostly the class with the
// largest mean logit and one other, so that the differences from that class will do.

extension SampleMoments {
    /// Most classes whose leads are kept of samples of `NoisyLogits`: there 1,000 samples' leads
    /// take 6 µs with AVX-512, 14 µs with AVX2, as long as it takes to trace two classes.
    static let maxLeadClasses = 256

    /// The unbiased variance over the samples of p_j − p_k; nil unless one of the two is the class
    /// whose leads are kept. 0 for fewer than two samples.
    ///
    /// Squares of differences are summed, so nothing is lost where the two rise and fall together;
    /// the cancellation costs about n·10⁻¹⁶ relative to the mean of (p_j − p_k)².
    package func differenceVariance(of j: Int, _ k: Int) -> Double? {
        guard !leads.isEmpty, j == leader || k == leader else { return nil }
        guard sampleCount > 1 else { return 0 }
        let (count, other) = (Double(sampleCount), j == leader ? k : j)
        let sum = sums[leader] - sums[other]
        return max(0, (leads[other] - sum * (sum / count)) / (count - 1))
    }

    /// Whether the leads of samples of `NoisyLogits` are kept.
    static func keepsLeads(_ kept: Kept, classCount: Int) -> Bool {
        kept.contains(.leads) && classCount <= maxLeadClasses
    }

    /// Begins the leads of class `leader`, unless others were begun.
    mutating func beginLeads(of leader: Int) {
        guard leads.isEmpty else { return }
        self.leader = leader
        leads = Array(repeating: 0, count: classCount)
    }

    /// Adds a block of values to the leads, which are those of the class that the first block
    /// prefers. Ranges of classes are shared out to the threads.
    mutating func addLeads(
        _ values: borrowing MutableSpan<Float>, _ rows: [logit_row_sums], _ kernel: LogitKernel
    ) {
        if leads.isEmpty {
            beginLeads(of: sums.indices.max { (sums[$0], $1) < (sums[$1], $0) } ?? 0)
        }
        let (classCount, leader, table) = (classCount, leader, kernel.table)
        let parts = kernel.partCount(values.count, items: classCount)
        unsafe values.withUnsafeBufferPointer { values in
            unsafe leads.withUnsafeMutableBufferPointer { leads in
                // Parts have disjoint classes, and the pool returns before the pointers expire.
                nonisolated(unsafe) let (values, leads) = (values.baseAddress, leads.baseAddress)
                kernel.pool.forEach(parts) { part in
                    let first = classCount * part / parts
                    let size = classCount * (part + 1) / parts - first
                    unsafe table.sampling.accumulate_leads(
                        values, classCount, rows.count, first, size, rows, leader,
                        leads.map { unsafe $0 + first })
                }
            }
        }
    }

    /// Adds the leads of a chunk.
    mutating func joinLeads(
        _ chunk: UnsafePointer<logit_noise_chunk>, sampleCount: Int, _ kernel: LogitKernel
    ) {
        let (classCount, leader) = (classCount, leader)
        unsafe leads.withUnsafeMutableBufferPointer { leads in
            unsafe kernel.table.sampling.join_leads(
                chunk, sampleCount, classCount, leader, leads.baseAddress)
        }
    }
}
