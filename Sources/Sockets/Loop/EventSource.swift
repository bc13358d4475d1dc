import CLinux
import Glibc

/// An object that a loop watches or wakes: a listener or a connection.
protocol EventSource: AnyObject {
    /// The descriptor is ready for `events`.
    func ready(_ events: EpollEvents)
    /// The source's one-shot timer is due.
    func timerFired(now: UInt64)
    /// The loop ends: release everything, after the last notices.
    func shutDown()
}

/// A source that may put work off to the end of a turn.
protocol FlushableSource: EventSource {
    /// The turn ends in which the source asked for it.
    func flush()
}

/// The name of a source of one loop, never used for another one.
struct SourceID: Hashable, Sendable {
    let index: UInt32
    let generation: UInt32

    init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// Unpacks the form in which epoll carries it.
    init(packed: UInt64) {
        index = UInt32(truncatingIfNeeded: packed)
        generation = UInt32(truncatingIfNeeded: packed >> 32)
    }

    var packed: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}

/// The readiness flags of epoll.
struct EpollEvents: OptionSet, Sendable {
    let rawValue: UInt32

    static let readable = EpollEvents(rawValue: EPOLLIN.rawValue)
    static let writable = EpollEvents(rawValue: EPOLLOUT.rawValue)
    /// The peer has closed its sending side.
    static let peerFinished = EpollEvents(rawValue: EPOLLRDHUP.rawValue)
    /// Both sides are closed; reported without being asked for.
    static let hungUp = EpollEvents(rawValue: EPOLLHUP.rawValue)
    /// The socket has a pending error; reported without being asked for.
    static let failed = EpollEvents(rawValue: EPOLLERR.rawValue)
}
