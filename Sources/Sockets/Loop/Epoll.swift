import CLinux
import Glibc

/// An epoll instance, level-triggered.
///
/// Level-triggered, so that a source may leave bytes unread, for fairness or back-pressure, and is
/// notified again; with edges, one that is missed is a connection that hangs. The price is a system
/// call to change interest, paid only when a peer does not keep up.
///
/// Safe: an event's union is written and read as the same member everywhere.
@safe
struct Epoll: ~Copyable {
    /// Events per wait.
    private static let batch = 256

    private let descriptor: FileDescriptor
    private var buffer = unsafe [epoll_event](repeating: epoll_event(), count: Self.batch)

    init() throws(SocketError) {
        descriptor = FileDescriptor(
            owning: try SystemCall.retry32("epoll_create1") {
                epoll_create1(Int32(EPOLL_CLOEXEC))
            })
    }

    /// Starts watching a descriptor.
    borrowing func add(
        _ target: Int32, as token: UInt64, for events: EpollEvents
    ) throws(SocketError) {
        try control(EPOLL_CTL_ADD, target, token, events)
    }

    /// Changes the events that a descriptor is watched for. Closing it ends the watching.
    borrowing func modify(
        _ target: Int32, as token: UInt64, for events: EpollEvents
    ) throws(SocketError) {
        try control(EPOLL_CTL_MOD, target, token, events)
    }

    private borrowing func control(
        _ operation: Int32, _ target: Int32, _ token: UInt64, _ events: EpollEvents
    ) throws(SocketError) {
        var event = unsafe epoll_event(events: events.rawValue, data: epoll_data_t(u64: token))
        let raw = descriptor.raw
        _ = try SystemCall.retry32("epoll_ctl") {
            unsafe epoll_ctl(raw, operation, target, &event)
        }
    }

    /// Waits for events, at most `milliseconds` (−1: without limit), and returns how many there
    /// are. A signal ends the wait with none: waiting as long again after every signal would
    /// postpone the timer that limits the wait.
    mutating func wait(milliseconds: Int32) throws(SocketError) -> Int {
        let raw = descriptor.raw
        let count = try SystemCall.once("epoll_wait") {
            unsafe Int(epoll_wait(raw, &buffer, Int32(Self.batch), milliseconds))
        }
        return count ?? 0
    }

    /// An event of the last wait.
    func event(_ index: Int) -> (token: UInt64, events: EpollEvents) {
        let event = unsafe buffer[index]
        return unsafe (event.data.u64, EpollEvents(rawValue: event.events))
    }
}
