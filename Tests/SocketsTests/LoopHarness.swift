import Clocks
import Dispatch
import Glibc
import Synchronization
import Testing

@testable import Sockets

/// Ten seconds: no test waits for it unless it is about to fail.
let patience: UInt64 = 10_000_000_000

/// Blocks a test's thread until another thread hands over a value. Needs no descriptors.
final class Handover<Value: Sendable>: Sendable {
    private let arrived = DispatchSemaphore(value: 0)
    private let values = Mutex<[Value]>([])

    func put(_ value: Value) {
        values.withLock { $0.append(value) }
        arrived.signal()
    }

    var isEmpty: Bool { values.withLock { $0.isEmpty } }

    /// The next value; nil when none came within `patience`.
    func take() -> Value? {
        guard arrived.wait(timeout: .now() + .nanoseconds(Int(patience))) == .success
        else { return nil }
        return values.withLock { $0.removeFirst() }
    }
}

/// Asks again and again, for at most `patience`.
func eventually(_ condition: () throws -> Bool) -> Bool {
    let start = MonotonicClock.now
    while MonotonicClock.now - start < patience {
        if (try? condition()) == true { return true }
        sched_yield()
    }
    return false
}

extension EventLoopHandle {
    /// Runs `body` on the loop and waits for its result.
    func sync<Result: Sendable>(_ body: @escaping @Sendable (EventLoop) -> Result) throws -> Result
    {
        let handover = Handover<Result>()
        execute { handover.put(body($0)) }
        return try #require(handover.take())
    }
}

/// A loop with one listener whose connections behave as `Role` says.
final class TestServer: Sendable {
    let thread: EventLoopThread
    let port: Int
    let log = EventLog()
    let listener: LoopBound<Listener>

    init(
        host: String = "127.0.0.1", options: Listener.Options = Listener.Options(),
        clock: @escaping @Sendable () -> UInt64 = { MonotonicClock.now },
        _ makeDelegate:
            @escaping @Sendable (StreamConnection, EventLog) -> any StreamConnectionDelegate
    ) throws {
        thread = try EventLoopThread(clock: clock)
        let log = self.log
        let started = try thread.handle.sync {
            loop -> Result<(Int, LoopBound<Listener>), SocketError> in
            do throws(SocketError) {
                let listener = try Listener(loop: loop, host: host, port: 0, options: options) {
                    log.note(.accepted($0.id))
                    return makeDelegate($0, log)
                }
                return .success((listener.address.port, LoopBound(listener, to: loop)))
            } catch { return .failure(error) }
        }.get()
        (port, listener) = started
    }

    func connect(receiveBufferBytes: Int32? = nil) throws -> ClientSocket {
        try ClientSocket(
            host: "127.0.0.1", port: port, timeout: patience,
            receiveBufferBytes: receiveBufferBytes)
    }

    func onListener<Result: Sendable>(
        _ body: @escaping @Sendable (Listener) -> Result
    ) throws -> Result {
        let listener = self.listener
        return try thread.handle.sync { _ in listener.withValue(body) }
    }

    func stop() { thread.stopAndJoin() }
}

/// A clock that stands still until the test moves it.
final class MovedClock: Sendable {
    private let time = Atomic<UInt64>(1_000)

    var now: UInt64 { time.load(ordering: .relaxed) }

    /// Moves it, and lets the loop of the handle do what is due then.
    func move(to time: UInt64, _ handle: EventLoopHandle) throws {
        self.time.store(time, ordering: .relaxed)
        // A turn fires timers behind the mailbox's jobs, so the second job sees what they did.
        try handle.sync { _ in }
        try handle.sync { _ in }
    }
}

/// Notices from connections, in order, for the test's thread to wait for.
final class EventLog: Sendable {
    enum Event: Equatable, Sendable {
        case accepted(ConnectionID)
        case peerClosed
        case peerHungUp
        case drained
        case timer
        case closed(CloseReason)
    }

    private let events = Handover<Event>()

    func note(_ event: Event) { events.put(event) }

    /// Whether nothing was told that the test has not taken.
    var isEmpty: Bool { events.isEmpty }

    /// The next event.
    func next() -> Event? { events.take() }

    /// The connection that the next event names as accepted.
    func nextAccepted() throws -> ConnectionID {
        let event = next()
        guard case .accepted(let id)? = event else {
            throw UnexpectedEvent(event: event)
        }
        return id
    }

    struct UnexpectedEvent: Error { let event: Event? }

    /// Skips events up to one that `match` takes; false when none comes.
    func wait(_ match: (Event) -> Bool) -> Bool {
        while let event = next() { if match(event) { return true } }
        return false
    }
}

/// Sends back what it receives and, at the peer's end, closes.
final class Echo: StreamConnectionDelegate {
    let log: EventLog

    init(_ log: EventLog) { self.log = log }

    func connection(_ connection: StreamConnection, received bytes: Span<UInt8>) {
        var copy: [UInt8] = []
        for index in 0..<bytes.count { copy.append(bytes[index]) }
        connection.write(copy)
    }

    func connectionPeerClosed(_ connection: StreamConnection) {
        log.note(.peerClosed)
        connection.close()
    }

    func connectionPeerHungUp(_ connection: StreamConnection) { log.note(.peerHungUp) }

    func connection(_ connection: StreamConnection, wroteLeaving pendingBytes: Int) {
        if pendingBytes == 0 { log.note(.drained) }
    }

    func connection(_ connection: StreamConnection, timerFiredAt now: UInt64) { log.note(.timer) }

    func connection(_ connection: StreamConnection, closed reason: CloseReason) {
        log.note(.closed(reason))
    }
}

/// Closes a client at the test's will.
func drop(_ client: consuming ClientSocket) { _ = consume client }
