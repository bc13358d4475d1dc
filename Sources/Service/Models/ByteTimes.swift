internal import Synchronization

/// The run times of work that goes by bytes: a moving average of the nanoseconds a byte. Used to
/// choose when and with whom to do it, never to change a result. Any thread.
final class ByteTimes: Sendable {
    /// Weight of the latest work in the average.
    private static let share = 0.25
    /// Work of fewer bytes is mostly what comes once for each piece of work.
    static let minBytes = 4096

    /// Nanoseconds a byte, as the bits of a `Double`.
    private let average: Atomic<UInt64>

    /// - Parameter start: nanoseconds a byte, before there was any work.
    init(start: Double) { average = Atomic(start.bitPattern) }

    /// Expected nanoseconds of work on so many bytes.
    func nanoseconds(bytes: Int) -> UInt64 {
        let time = Double(bitPattern: average.load(ordering: .relaxed)) * Double(bytes)
        return UInt64(exactly: time.rounded(.up)) ?? .max
    }

    /// Work on so many bytes is done. Of two that end at once one may be left out.
    func record(bytes: Int, nanoseconds: UInt64) {
        guard bytes >= Self.minBytes else { return }
        let known = Double(bitPattern: average.load(ordering: .relaxed))
        let latest = Double(nanoseconds) / Double(bytes)
        let next = known + Self.share * (latest - known)
        average.store(next.bitPattern, ordering: .relaxed)
    }
}
