internal import Clocks
import Glibc

/// The time until which blocking calls may wait.
struct Deadline {
    /// The nanoseconds it was made from.
    private let timeout: UInt64
    private let time: UInt64

    init(_ timeout: UInt64) {
        self.timeout = timeout
        time = MonotonicClock.now.addingClamped(timeout)
    }

    /// Waits until the descriptor is ready; throws `.timedOut` at the deadline.
    func wait(for events: Int16, on descriptor: borrowing FileDescriptor) throws(SocketError) {
        let raw = descriptor.raw
        var ready: Int32 = 0
        while ready == 0 {
            let now = MonotonicClock.now
            guard now < time else { throw .timedOut(nanoseconds: timeout) }
            let milliseconds = min((time - now - 1) / 1_000_000 + 1, UInt64(Int32.max))
            ready = try SystemCall.retry32("poll") {
                var entry = pollfd(fd: raw, events: events, revents: 0)
                return unsafe poll(&entry, 1, Int32(milliseconds))
            }
        }
    }
}
