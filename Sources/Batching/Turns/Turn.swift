internal import Dispatch
internal import Synchronization

/// The turn of a batch in progress, which its work asks at every block whether it may go on.
///
/// All threads that work on the batch ask. When its slice is over and others wait, they are
/// stopped at their next block, and go on when the batch's next slice begins.
package final class Turn: Sendable {
    private struct State {
        var isPaused = false
        /// Whether one of the threads is asking for another slice.
        var isAsking = false
        /// When it was paused; meaningless while it is not.
        var pausedAt: UInt64 = 0
        /// Nanoseconds that its batch was paused for so far.
        var pausedTime: UInt64 = 0
    }

    /// The first instant behind the slice; monotonic nanoseconds.
    private let end = Atomic(UInt64.max)
    private let state = Mutex(State())
    /// Entered while the turn is paused. A group wakes all that wait for it in one system call: a
    /// thread that wakes others one by one may lose its processor to the first of them, for the
    /// length of a slice, while others' processors are idle.
    private let pauses = DispatchGroup()
    private let clock: @Sendable () -> UInt64
    /// Ends the slice; true if another has begun by then.
    private let goesOn: @Sendable (Turn) -> Bool

    init(
        clock: @escaping @Sendable () -> UInt64, goesOn: @escaping @Sendable (Turn) -> Bool
    ) {
        self.clock = clock
        self.goesOn = goesOn
    }

    /// Returns when the batch may go on, which is at once while its slice lasts or nobody else
    /// waits. From any thread that works on the batch, holding nothing that other batches need.
    package func checkpoint() {
        if clock() < end.load(ordering: .relaxed) { return }
        if claimsQuestion(), goesOn(self) { return }
        park()
    }

    /// Whether this thread is to ask for another slice: one does, and others go on until it knows.
    private func claimsQuestion() -> Bool {
        state.withLock { state in
            guard !state.isPaused, !state.isAsking else { return false }
            state.isAsking = true
            return true
        }
    }

    private func park() {
        if state.withLock({ $0.isPaused }) { pauses.wait() }
    }

    /// Nanoseconds that the batch has been paused for.
    package var pausedTime: UInt64 { state.withLock { $0.pausedTime } }

    /// Begins the first slice of a batch, which lasts until `end`.
    func start(until end: UInt64) {
        state.withLock { $0 = State() }
        self.end.store(end, ordering: .relaxed)
    }

    /// Stops the work at its next block.
    func pause() {
        let now = clock()
        pauses.enter()
        state.withLock { state in
            state.isPaused = true
            state.pausedAt = now
        }
    }

    /// Sets the end of the next slice, before `resume`. Of one thread at a time.
    func setEnd(_ instant: UInt64) { end.store(instant, ordering: .relaxed) }

    /// Lets the slice under way end by `instant`, if it would last longer. Never beside `setEnd`.
    func shorten(to instant: UInt64) {
        if instant < end.load(ordering: .relaxed) { setEnd(instant) }
    }

    /// Begins another slice.
    func resume() {
        let now = clock()
        let wasPaused = state.withLock { state in
            if state.isPaused { state.pausedTime += now - min(now, state.pausedAt) }
            defer { (state.isPaused, state.isAsking) = (false, false) }
            return state.isPaused
        }
        if wasPaused { pauses.leave() }
    }
}
