internal import Synchronization

/// The run time of a model, from the batches it ran. Used to choose where to compute, never to
/// change a result. Written by the batchers' queues, read by any thread.
///
/// Its unit is a row, or a sample of a row where the model draws some.
final class RunTimePerRow: Sendable {
    /// Weight of the latest batch in the average.
    private static let share = 0.25

    /// The bits of the average nanoseconds of a unit; infinite until a batch has run, so nothing is
    /// computed inline before.
    private let bits = Atomic(Double.infinity.bitPattern)

    /// Expected nanoseconds of so much work, the encoding of its answer included.
    func nanoseconds(forUnits units: Int) -> Double { perUnit * Double(units) }

    /// A batch has run.
    func record(units: Int, nanoseconds: UInt64) {
        let latest = Double(nanoseconds) / Double(max(units, 1))
        let average = perUnit
        let next = average.isFinite ? average + Self.share * (latest - average) : latest
        bits.store(next.bitPattern, ordering: .relaxed)
    }

    private var perUnit: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}
