import Glibc

/// One thread's loop over epoll. It owns its sources and buffers; all of it, and everything made
/// on it, is confined to that thread. Other threads reach it through `handle`.
///
/// A turn: wait; deliver readiness, which for the mailbox is to run its jobs; fire timers; do what
/// was put off to the turn's end; flush. What the turn has written leaves in that one flush a
/// connection, and every notice about a connection's own calls comes from it: nothing a delegate
/// calls ever calls it back.
package final class EventLoop {
    /// Bytes of the buffer all connections of a loop read into.
    static let readBufferBytes = 64 * 1024

    /// The longest wait epoll can express, in milliseconds.
    private static let longestWait = UInt64(Int32.max)

    package let handle: EventLoopHandle
    /// The monotonic time of this turn, in nanoseconds.
    package private(set) var now: UInt64

    private let clock: @Sendable () -> UInt64
    private static let wakeUpToken = UInt64.max
    private var epoll: Epoll
    private var sources = SourceTable()
    private var timers = TimerQueue()
    private var flushes: [any FlushableSource] = []
    private var endings: [() -> Void] = []
    private var readBuffer = [UInt8](repeating: 0, count: EventLoop.readBufferBytes)
    private var isStopping = false

    /// - Parameter clock: monotonic nanoseconds. Where it is not the kernel's, whoever moves it has
    ///   to wake the loop.
    init(clock: @escaping @Sendable () -> UInt64) throws(SocketError) {
        self.clock = clock
        now = clock()
        handle = try EventLoopHandle()
        epoll = try Epoll()
        try epoll.add(handle.descriptor, as: Self.wakeUpToken, for: .readable)
    }

    /// Puts work off to the end of this turn, when everything that has come is delivered; what it
    /// writes leaves with this turn's. A loop that ends may drop it.
    package func atTurnEnd(_ work: @escaping () -> Void) { endings.append(work) }

    /// Ends the loop after this turn: jobs that wait are run, then every source is closed.
    package func stop() { isStopping = true }

    /// Turns until `stop`.
    func run() {
        handle.adoptCurrentThread()
        while !isStopping { turn() }
        for job in handle.close() { job.run(on: self) }
        for source in sources.all { source.shutDown() }
        endings = []
        flushes = []
        handle.leaveThread()
    }

    private func turn() {
        let count: Int
        do { count = try epoll.wait(milliseconds: waitMilliseconds) } catch {
            preconditionFailure("\(error)")
        }
        now = clock()
        for index in 0..<count { deliver(index) }
        while !isStopping, let due = timers.popDue(now: now) {
            sources[due]?.timerFired(now: now)
        }
        end()
        flush()
    }

    private func deliver(_ index: Int) {
        let (token, events) = epoll.event(index)
        guard token != Self.wakeUpToken else {
            for job in handle.takeJobs() { job.run(on: self) }
            return
        }
        sources[SourceID(packed: token)]?.ready(events)
    }

    /// Until the next timer, rounded up so that it is never early; 0 when something is due.
    private var waitMilliseconds: Int32 {
        guard flushes.isEmpty, endings.isEmpty else { return 0 }
        guard let next = timers.nextTime else { return -1 }
        let current = clock()
        guard next > current else { return 0 }
        let milliseconds = (next - current - 1) / 1_000_000 + 1
        return Int32(min(milliseconds, Self.longestWait))
    }

    /// One pass; what the pass itself puts off is for the next turn, which does not wait.
    private func end() {
        guard !endings.isEmpty else { return }
        let due = endings
        endings = []
        for ending in due { ending() }
    }

    /// One pass; what the pass itself makes due is flushed in the next turn, which does not wait.
    private func flush() {
        let due = flushes
        flushes = []
        for source in due { source.flush() }
    }
}

// MARK: - For sources

extension EventLoop {
    /// Names a source to come.
    func reserveSource() -> SourceID { sources.reserve() }

    /// Makes a source known under its name and watches its descriptor.
    func add(
        _ source: any EventSource, as id: SourceID, descriptor: Int32, events: EpollEvents
    ) throws(SocketError) {
        try epoll.add(descriptor, as: id.packed, for: events)
        sources.set(source, for: id)
    }

    /// Changes what a descriptor is watched for. An error means the kernel is out of memory for
    /// the change, and the source should give up.
    func watch(_ descriptor: Int32, as id: SourceID, for events: EpollEvents) throws(SocketError) {
        try epoll.modify(descriptor, as: id.packed, for: events)
    }

    /// The source of that name; nil once it is removed.
    func source(_ id: SourceID) -> (any EventSource)? { sources[id] }

    /// Forgets a source and its timer. Its descriptor's close ends the watching.
    func remove(_ id: SourceID) {
        timers.remove(id)
        sources.remove(id)
    }

    /// Sets a source's timer; one that is due already fires in the next turn, so that a source
    /// which sets it again and again cannot hold up this one.
    func setTimer(_ id: SourceID, at time: UInt64) { timers.set(id, at: max(time, now &+ 1)) }

    func cancelTimer(_ id: SourceID) { timers.cancel(id) }

    /// Flushes a source at the end of this turn.
    func flushLater(_ source: any FlushableSource) { flushes.append(source) }

    /// Lends the read buffer. Nested use gets an empty one, which reads nothing.
    func withReadBuffer<Result>(_ body: (inout [UInt8]) -> Result) -> Result {
        var buffer: [UInt8] = []
        swap(&buffer, &readBuffer)
        defer { swap(&buffer, &readBuffer) }
        return body(&buffer)
    }
}
