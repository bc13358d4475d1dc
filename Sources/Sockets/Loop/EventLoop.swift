import Glibc

/// An event loop over epoll on a thread of its own. It owns its sources and buffers; it and
/// everything made on it are confined to that thread. Other threads reach it through `handle`.
///
/// A turn: wait; deliver readiness, which for the mailbox means to run its jobs; fire timers; do
/// what was put off to the end of the turn; flush. All that was written to a connection in a turn
/// leaves in that one flush, and every notice about the delegate's own calls comes from it: no call
/// of a delegate ever calls it back.
package final class EventLoop {
    /// Size of the buffer that all connections of a loop read into.
    static let readBufferBytes = 64 * 1024

    /// The longest wait that epoll can express.
    private static let maxWaitMilliseconds = UInt64(Int32.max)

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

    /// - Parameter clock: monotonic nanoseconds. If it is not the kernel's clock, moving it must
    ///   wake the loop.
    init(clock: @escaping @Sendable () -> UInt64) throws(SocketError) {
        self.clock = clock
        now = clock()
        handle = try EventLoopHandle()
        epoll = try Epoll()
        try epoll.add(handle.descriptor, as: Self.wakeUpToken, for: .readable)
    }

    /// Puts work off to the end of this turn, when everything that has arrived is delivered; bytes
    /// that it writes leave with those of this turn. A loop that ends may drop it.
    package func atTurnEnd(_ work: @escaping () -> Void) { endings.append(work) }

    /// Ends the loop after this turn: waiting jobs are run, then every source is closed.
    package func stop() { isStopping = true }

    /// Makes turns until `stop`.
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

    /// Time until the next timer, rounded up so that it never fires early; 0 if something is due.
    private var waitMilliseconds: Int32 {
        guard flushes.isEmpty, endings.isEmpty else { return 0 }
        guard let next = timers.nextTime else { return -1 }
        let current = clock()
        guard next > current else { return 0 }
        let milliseconds = (next - current - 1) / 1_000_000 + 1
        return Int32(min(milliseconds, Self.maxWaitMilliseconds))
    }

    /// Does what was put off. Work put off meanwhile is left to the next turn, which does not wait.
    private func end() {
        guard !endings.isEmpty else { return }
        let due = endings
        endings = []
        for ending in due { ending() }
    }

    /// Flushes sources. Those that ask for it meanwhile are left to the next turn, which does not
    /// wait.
    private func flush() {
        let due = flushes
        flushes = []
        for source in due { source.flush() }
    }
}

// MARK: - For sources

extension EventLoop {
    /// A name for a source to come.
    func reserveSource() -> SourceID { sources.reserve() }

    /// Adds a source under its name and watches its descriptor.
    func add(
        _ source: any EventSource, as id: SourceID, descriptor: Int32, events: EpollEvents
    ) throws(SocketError) {
        try epoll.add(descriptor, as: id.packed, for: events)
        sources.set(source, for: id)
    }

    /// Changes the events that a descriptor is watched for. An error means that the kernel has no
    /// memory for the change, and the source should give up.
    func watch(_ descriptor: Int32, as id: SourceID, for events: EpollEvents) throws(SocketError) {
        try epoll.modify(descriptor, as: id.packed, for: events)
    }

    /// The source of that name; nil once it is removed.
    func source(_ id: SourceID) -> (any EventSource)? { sources[id] }

    /// Removes a source and its timer. Closing its descriptor ends the watching.
    func remove(_ id: SourceID) {
        timers.remove(id)
        sources.remove(id)
    }

    /// Sets a source's timer. One that is due already fires in the next turn, so that a source that
    /// sets it again and again cannot prolong this one.
    func setTimer(_ id: SourceID, at time: UInt64) { timers.set(id, at: max(time, now &+ 1)) }

    func cancelTimer(_ id: SourceID) { timers.cancel(id) }

    /// Flushes a source at the end of this turn.
    func flushLater(_ source: any FlushableSource) { flushes.append(source) }

    /// Lends the read buffer. A nested call gets an empty one, into which nothing can be read.
    func withReadBuffer<Result>(_ body: (inout [UInt8]) -> Result) -> Result {
        var buffer: [UInt8] = []
        swap(&buffer, &readBuffer)
        defer { swap(&buffer, &readBuffer) }
        return body(&buffer)
    }
}
