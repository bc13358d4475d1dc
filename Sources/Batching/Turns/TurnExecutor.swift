internal import Dispatch
internal import Synchronization

/// Computes the batches of an `EntryQueue`: one at a time, each on a serial Dispatch queue of its
/// own while it is in progress. Any thread may submit entries, and no submission waits for a batch.
///
/// A batch whose slice is over while others wait is stopped where it asks its `Turn`, with all it
/// has on its threads' stacks, and goes on there. So work need not know how to be cut, and its
/// result cannot depend on it. Each lane, a Dispatch queue with its turn and `Tools`, is made when
/// it is needed and used again; there are at most `TurnLimits.maxRuns`.
///
/// Handlers are called with no lock held. Each admitted entry reaches exactly one of them, or is
/// returned by `cancel`.
package final class TurnExecutor<Entry: Sendable, Tools: Sendable>: Sendable {
    private struct Lane: Sendable {
        let serial: DispatchQueue
        let turn: Turn
        let tools: Tools
    }

    private struct State: Sendable {
        var queue: EntryQueue<Entry>
        var lanes: [Lane] = []
        var free: [Int] = []
        var laneOfRun: [RunID: Int] = [:]
        /// The batch whose slice is under way.
        var current: RunID?
        /// When its slice began.
        var start: UInt64 = 0
        /// Whether a slice is under way, or a thread decides about the next one.
        var isActive = false
        /// The earliest wake-up that is scheduled and has not fired.
        var wakeUp: UInt64?
    }

    /// The next thing to do outside the lock.
    private enum Step {
        case expire([Entry])
        case start(Lane, Batch<Entry>)
        case resume(Turn)
        case wait(until: UInt64)
        case none
    }

    private let state: Mutex<State>
    private let label: String
    private let clock: @Sendable () -> UInt64
    private let makeTools: @Sendable (Turn) -> Tools
    private let expire: @Sendable ([Entry]) -> Void
    private let run: @Sendable (Int, [Entry], Tools) -> Void
    private let timer: DispatchQueue

    /// - Parameters:
    ///   - label: the name of the Dispatch queues in debuggers.
    ///   - clock: `CLOCK_MONOTONIC` in nanoseconds, which deadlines are compared with.
    ///   - makeTools: makes what a lane computes with.
    ///   - expire: called with entries whose deadline passed before they were batched.
    ///   - run: called with the entries of one batch, each client's in order of admission; returns
    ///     when they are done.
    package init(
        limits: TurnLimits, label: String, clock: @escaping @Sendable () -> UInt64,
        makeTools: @escaping @Sendable (Turn) -> Tools,
        expire: @escaping @Sendable ([Entry]) -> Void,
        run: @escaping @Sendable (Int, [Entry], Tools) -> Void
    ) {
        state = Mutex(State(queue: EntryQueue(limits: limits)))
        self.label = label
        self.clock = clock
        self.makeTools = makeTools
        self.expire = expire
        self.run = run
        timer = DispatchQueue(label: "\(label).timer")
    }

    /// Submits a client's entry, from any thread.
    package func submit(
        _ entry: Entry, key: Int, client: ClientID, size: EntrySize, deadline: UInt64
    ) -> Admission {
        let now = clock()
        let (admission, isFirst) = state.withLock { state -> (Admission, Bool) in
            let admission = state.queue.admit(
                entry, key: key, client: client, size: size, deadline: deadline, now: now)
            guard case .admitted = admission else { return (admission, false) }
            endEarly(&state)
            defer { state.isActive = true }
            return (admission, !state.isActive)
        }
        if isFirst { advance() }
        return admission
    }

    /// Lets the slice under way end early if a client that goes first waits behind it.
    private func endEarly(_ state: inout State) {
        guard state.queue.isOvertaken, let id = state.current, let lane = state.laneOfRun[id]
        else { return }
        let shortest = state.queue.limits.shortestSlice
        state.lanes[lane].turn.shorten(to: state.start.saturatingAdd(shortest))
    }

    /// Removes and returns an entry that has not been batched yet; nil if it is too late.
    package func cancel(_ ticket: Ticket) -> Entry? {
        state.withLock { $0.queue.cancel(ticket) }
    }

    /// Rows of all waiting entries.
    package var waitingRows: Int { state.withLock { $0.queue.waitingRows } }

    /// Rows of the batch whose slice is under way; 0 between slices.
    package var runningRows: Int { state.withLock { $0.queue.runningRows } }

    /// Batches in progress, suspended ones included.
    package var runCount: Int { state.withLock { $0.queue.runCount } }
}

extension TurnExecutor {
    /// Does what the queue wants next. Of the thread that makes the executor active, or ends a
    /// slice; never while one is under way.
    private func advance() {
        var isDone = false
        while !isDone { isDone = perform(nextStep()) }
    }

    /// Performs a step; true if the queue need not be asked again.
    private func perform(_ step: Step) -> Bool {
        switch step {
        case .expire(let entries):
            expire(entries)
            return false
        case .start(let lane, let batch): lane.serial.async { self.compute(batch, on: lane) }
        case .resume(let turn): turn.resume()
        case .wait(let instant): scheduleWakeUp(at: instant)
        case .none: break
        }
        return true
    }

    private func nextStep() -> Step {
        let now = clock()
        return state.withLock { nextStep(&$0, now: now) }
    }

    private func nextStep(_ state: inout State, now: UInt64) -> Step {
        switch state.queue.next(now: now) {
        case .expired(let entries): return .expire(entries)
        case .start(let id, let batch, let slice):
            let lane = takeLane(&state)
            state.laneOfRun[id] = lane
            (state.current, state.start) = (id, now)
            state.lanes[lane].turn.start(until: now.saturatingAdd(slice))
            return .start(state.lanes[lane], batch)
        case .resume(let id, let slice):
            (state.current, state.start) = (id, now)
            guard let lane = state.laneOfRun[id] else { return .none }
            let turn = state.lanes[lane].turn
            turn.setEnd(now.saturatingAdd(slice))
            return .resume(turn)
        case .wait(let instant):
            state.isActive = false
            return .wait(until: instant)
        case .busy, .idle:
            // Under the lock of the decision, so that any later admission makes it active again.
            state.isActive = false
            return .none
        }
    }

    private func takeLane(_ state: inout State) -> Int {
        if let lane = state.free.popLast() { return lane }
        let turn = Turn(clock: clock) { [weak self] turn in self?.goesOn(turn) ?? true }
        state.lanes.append(
            Lane(
                serial: DispatchQueue(label: "\(label).\(state.lanes.count)"), turn: turn,
                tools: makeTools(turn)))
        return state.lanes.count - 1
    }

    /// Computes a batch, and those that follow it on its lane.
    private func compute(_ batch: Batch<Entry>, on lane: Lane) {
        var next: Batch<Entry>? = batch
        while let batch = next {
            run(batch.key, batch.entries, lane.tools)
            endBatch()
            next = nil
            var step = nextStep()
            while case .expire(let entries) = step {
                expire(entries)
                step = nextStep()
            }
            // The lane that was given back last is taken first.
            if case .start(let other, let batch) = step, other.turn === lane.turn {
                next = batch
            } else {
                _ = perform(step)
            }
        }
    }

    /// Ends the slice under way, and its batch.
    private func endBatch() {
        let now = clock()
        state.withLock { state in
            guard let id = state.current else { return }
            state.queue.endSlice(
                id, elapsed: now - min(now, state.start), isFinished: true)
            state.current = nil
            if let lane = state.laneOfRun.removeValue(forKey: id) { state.free.append(lane) }
        }
    }

    /// Ends the slice of a turn whose batch is not done. True if its next one has begun; else
    /// another batch computes, and the turn is paused.
    private func goesOn(_ turn: Turn) -> Bool {
        var isFirst = true
        while true {
            let now = clock()
            let step = state.withLock { state -> Step in
                if isFirst, let id = state.current {
                    state.queue.endSlice(
                        id, elapsed: now - min(now, state.start), isFinished: false)
                    state.current = nil
                }
                let step = nextStep(&state, now: now)
                switch step {
                case .resume(let other) where other === turn: break
                case .expire: break
                // Before anybody can resume it.
                case .resume, .start, .wait, .none: turn.pause()
                }
                return step
            }
            isFirst = false
            if case .resume(let other) = step, other === turn {
                turn.resume()
                return true
            }
            if perform(step) { return false }
        }
    }

    /// Schedules a step for `instant`, unless an earlier wake-up is pending.
    private func scheduleWakeUp(at instant: UInt64) {
        let now = clock()
        let isNeeded = state.withLock { state -> Bool in
            if let pending = state.wakeUp, pending <= instant { return false }
            state.wakeUp = instant
            return true
        }
        guard isNeeded else { return }
        let delay = Int(clamping: instant - min(now, instant))
        timer.asyncAfter(deadline: .now() + .nanoseconds(delay)) { self.wakeUp(from: instant) }
    }

    private func wakeUp(from instant: UInt64) {
        let isFirst = state.withLock { state -> Bool in
            if state.wakeUp == instant { state.wakeUp = nil }
            defer { state.isActive = true }
            return !state.isActive
        }
        if isFirst { advance() }
    }
}
