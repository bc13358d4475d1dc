public import Dispatch
public import Synchronization

/// Batches, or rounds of expired entries, that `runTurn` may do on the caller's thread: room for a
/// batch, one of what was submitted meanwhile, and expired entries before each and at the end.
@usableFromInline let maxActionsInline = 6

/// Runs a `BatchQueue` on a serial Dispatch queue of its own: one batch at a time, while the next
/// one gathers. Any thread may submit entries, and no submission waits for a batch.
///
/// Both handlers are called on that queue with no lock held. Each admitted entry reaches exactly
/// one of them, or is returned by `cancel`.
@usableFromInline
package final class Batcher<
    Key: Hashable & Sendable, Client: Hashable & Sendable, Entry: Sendable
>: Sendable {
    @usableFromInline struct State: Sendable {
        @usableFromInline var queue: BatchQueue<Key, Client, Entry>
        /// True while a turn is scheduled or under way; an admission need not schedule another.
        @usableFromInline var isTurnPending = false
        /// The earliest wake-up that is scheduled and has not fired.
        @usableFromInline var wakeUp: UInt64?

        @inlinable init(queue: BatchQueue<Key, Client, Entry>) { self.queue = queue }
    }

    @usableFromInline let state: Mutex<State>
    @usableFromInline let serial: DispatchQueue
    @usableFromInline let clock: @Sendable () -> UInt64
    @usableFromInline let run: @Sendable (Key, [Entry]) -> Void
    @usableFromInline let expire: @Sendable ([Entry]) -> Void

    /// - Parameters:
    ///   - label: the Dispatch queue's name in debuggers.
    ///   - clock: `CLOCK_MONOTONIC` in nanoseconds, which deadlines are compared with; on Linux,
    ///     Dispatch's own timers count the same.
    ///   - expire: called with entries whose deadline passed before they were batched.
    ///   - run: called with the entries of one batch, each client's in order of admission; returns
    ///     when they are done.
    @inlinable package init(
        limits: BatchLimits, label: String = "headserve.batcher",
        clock: @escaping @Sendable () -> UInt64,
        expire: @escaping @Sendable ([Entry]) -> Void,
        run: @escaping @Sendable (Key, [Entry]) -> Void
    ) {
        state = Mutex(State(queue: BatchQueue(limits: limits)))
        serial = DispatchQueue(label: label)
        self.clock = clock
        self.expire = expire
        self.run = run
    }

    /// Submits a client's entry, from any thread; it may have run before this returns. An entry
    /// submitted `withoutTurn` waits for the next turn, whoever makes it: the caller owes
    /// `runTurn`.
    @inlinable package func submit(
        _ entry: Entry, key: Key, client: Client, rows: Int, deadline: UInt64,
        withoutTurn: Bool = false
    ) -> Admission {
        let now = clock()
        let (admission, needsTurn) = state.withLock { state -> (Admission, Bool) in
            let admission = state.queue.admit(
                entry, key: key, client: client, rows: rows, deadline: deadline, now: now)
            guard case .admitted = admission else { return (admission, false) }
            return (admission, !withoutTurn && Self.claimTurn(&state))
        }
        if needsTurn { scheduleTurn() }
        return admission
    }

    /// Makes a turn of the serial queue on the caller's thread, which saves two context switches.
    /// Does nothing while a turn is scheduled or under way, since that turn takes all that waits.
    /// The caller waits for entries submitted `withoutTurn`, so they must be short; after
    /// `maxActionsInline` actions the queue's own thread continues.
    @inlinable package func runTurn() {
        guard state.withLock({ Self.claimTurn(&$0) }) else { return }
        serial.sync {
            for _ in 0..<maxActionsInline {
                if !perform(nextAction()) { return }
            }
            scheduleTurn()
        }
    }

    /// Removes and returns an entry that has not been batched yet; nil if it is too late.
    @inlinable package func cancel(_ ticket: Ticket) -> Entry? {
        state.withLock { $0.queue.cancel(ticket) }
    }

    /// Rows of all waiting entries.
    package var waitingRows: Int { state.withLock { $0.queue.waitingRows } }

    /// Rows of the running batch; 0 between batches.
    package var runningRows: Int { state.withLock { $0.queue.runningRows } }
}

extension Batcher {
    /// Claims the next turn; true if the caller must schedule it.
    @inlinable static func claimTurn(_ state: inout State) -> Bool {
        if state.isTurnPending { return false }
        state.isTurnPending = true
        return true
    }

    @inlinable func scheduleTurn() {
        serial.async { self.takeTurn() }
    }

    /// Performs the queue's actions until there are none to do now. On the serial queue only.
    @inlinable func takeTurn() {
        while perform(nextAction()) {}
    }

    /// The next action. On the serial queue only, where no batch is running: never `busy`.
    @inlinable func nextAction() -> BatchAction<Key, Entry> {
        let now = clock()
        return state.withLock { state in
            let action = state.queue.next(now: now)
            switch action {
            case .run, .expired: break
            // Under the lock of the decision, so that any later admission schedules a new turn.
            case .wait, .busy, .idle: state.isTurnPending = false
            }
            return action
        }
    }

    /// Performs one action; false if the turn is over.
    @inlinable func perform(_ action: BatchAction<Key, Entry>) -> Bool {
        switch action {
        case .expired(let entries):
            expire(entries)
            return true
        case .run(let batch):
            run(batch.key, batch.entries)
            let now = clock()
            state.withLock { $0.queue.finish(now: now) }
            return true
        case .wait(let until):
            scheduleWakeUp(at: until)
            return false
        case .busy, .idle: return false
        }
    }

    /// Schedules a turn for `instant`, unless an earlier wake-up is pending. A later one that is
    /// still pending does no harm: it only asks the queue once more.
    @inlinable func scheduleWakeUp(at instant: UInt64) {
        let now = clock()
        let isNeeded = state.withLock { state -> Bool in
            if let pending = state.wakeUp, pending <= instant { return false }
            state.wakeUp = instant
            return true
        }
        guard isNeeded else { return }
        let delay = Int(clamping: instant > now ? instant - now : 0)
        serial.asyncAfter(deadline: .now() + .nanoseconds(delay)) { self.wakeUp(from: instant) }
    }

    @inlinable func wakeUp(from instant: UInt64) {
        let needsTurn = state.withLock { state -> Bool in
            if state.wakeUp == instant { state.wakeUp = nil }
            return Self.claimTurn(&state)
        }
        if needsTurn { takeTurn() }
    }
}
