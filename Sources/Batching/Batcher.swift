public import Dispatch
public import Synchronization

/// Batches and rounds of entries that are too late, of a turn on a borrowed thread at most: room for
/// a batch, another one of what was submitted meanwhile, and late entries before each and at the end.
@usableFromInline let actionsOfBorrowedTurn = 6

/// Runs a `BatchQueue` on one serial Dispatch queue of its own: one batch at a time, and while it
/// runs the next ones gather. Entries are submitted from any thread and never wait for a batch.
///
/// Both handlers are called on that queue, without any lock held; each admitted entry reaches
/// exactly one of them, or comes back from `cancel`.
@usableFromInline
package final class Batcher<
    Key: Hashable & Sendable, Client: Hashable & Sendable, Entry: Sendable
>: Sendable {
    @usableFromInline struct State: Sendable {
        @usableFromInline var queue: BatchQueue<Key, Client, Entry>
        /// A turn is scheduled or under way, so an admission need not schedule one.
        @usableFromInline var isTurnPending = false
        /// The earliest scheduled wake-up that has not fired.
        @usableFromInline var wakeUp: UInt64?

        @inlinable init(queue: BatchQueue<Key, Client, Entry>) { self.queue = queue }
    }

    @usableFromInline let state: Mutex<State>
    @usableFromInline let serial: DispatchQueue
    @usableFromInline let clock: @Sendable () -> UInt64
    @usableFromInline let run: @Sendable (Key, [Entry]) -> Void
    @usableFromInline let expire: @Sendable ([Entry]) -> Void

    /// - Parameters:
    ///   - label: names the Dispatch queue in debuggers.
    ///   - clock: `CLOCK_MONOTONIC` in nanoseconds; deadlines are compared with it, and Dispatch's own
    ///     timers count the same on Linux.
    ///   - expire: gets entries whose deadline passed before they were batched.
    ///   - run: gets the entries of one batch, each client's in order of admission; returns when
    ///     they are done.
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

    /// Hands a client's entry in from any thread; it may have run before this returns. One that is
    /// `withoutTurn` waits until the caller, or anyone, makes the next turn: `runTurn` is owed.
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

    /// Makes a turn of the serial queue on the caller's thread, which spares two changes of threads;
    /// does nothing while a turn is scheduled or under way, for that one takes what waits. The
    /// caller is held up by what is submitted `withoutTurn`, so that has to be brief; after
    /// `actionsOfBorrowedTurn` the queue's own thread goes on.
    @inlinable package func runTurn() {
        guard state.withLock({ Self.claimTurn(&$0) }) else { return }
        serial.sync {
            for _ in 0..<actionsOfBorrowedTurn {
                if !perform(nextAction()) { return }
            }
            scheduleTurn()
        }
    }

    /// Takes back an entry that has not been batched; nil when it is too late for that.
    @inlinable package func cancel(_ ticket: Ticket) -> Entry? {
        state.withLock { $0.queue.cancel(ticket) }
    }

    /// Rows of all entries that wait.
    package var waitingRows: Int { state.withLock { $0.queue.waitingRows } }

    /// Rows of the batch that runs, 0 between batches.
    package var runningRows: Int { state.withLock { $0.queue.runningRows } }
}

extension Batcher {
    /// True when the caller must schedule the turn.
    @inlinable static func claimTurn(_ state: inout State) -> Bool {
        if state.isTurnPending { return false }
        state.isTurnPending = true
        return true
    }

    @inlinable func scheduleTurn() {
        serial.async { self.takeTurn() }
    }

    /// Does what the queue says until it has nothing to do now. Serial queue only.
    @inlinable func takeTurn() {
        while perform(nextAction()) {}
    }

    /// Serial queue only, so a running batch is never seen from here: `busy` cannot come back.
    @inlinable func nextAction() -> BatchAction<Key, Entry> {
        let now = clock()
        return state.withLock { state in
            let action = state.queue.next(now: now)
            switch action {
            case .run, .expired: break
            // Under the same lock as the decision: an admission after it schedules a new turn.
            case .wait, .busy, .idle: state.isTurnPending = false
            }
            return action
        }
    }

    /// False when the turn is over.
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

    /// At most one pending wake-up is the earliest; a later one that is still pending only asks
    /// the queue once more.
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
