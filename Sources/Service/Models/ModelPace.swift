internal import Heads
internal import Predictions
internal import Synchronization

/// How long a model takes, from the batches it ran. Decides where work is computed, never what
/// comes of it. Written by the batchers' queues, read by any thread.
final class ModelPace: Sendable {
    /// Weight of the latest batch in the average.
    private static let share = 0.25

    private let hasSamples: Bool
    /// The bits of the average nanoseconds of a unit: a row, or a sample of a row. Infinite, and so
    /// never brief, until a batch has run.
    private let bits = Atomic(Double.infinity.bitPattern)

    init(_ summary: HeadSummary) { hasSamples = summary.defaultSampleCount != nil }

    /// Expected nanoseconds of a job, its answer's encoding included.
    func nanoseconds(for job: PredictionJob) -> Double { perUnit * Double(units(job)) }

    /// A batch has run.
    func record(_ jobs: [PredictionJob], nanoseconds: UInt64) {
        let units = jobs.reduce(0) { $0 + self.units($1) }
        let latest = Double(nanoseconds) / Double(max(units, 1))
        let average = perUnit
        let next = average.isFinite ? average + Self.share * (latest - average) : latest
        bits.store(next.bitPattern, ordering: .relaxed)
    }

    private var perUnit: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    private func units(_ job: PredictionJob) -> Int {
        hasSamples ? job.rows.reduce(0) { $0 + $1.sampleCount } : job.rows.count
    }
}
