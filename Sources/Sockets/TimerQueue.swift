import HeapModule

/// One-shot timers of sources, earliest first, with the time as an argument.
///
/// Moving a source's deadline back — what a busy connection does all the time — touches only the
/// table: the heap keeps the earlier entry, and the deadline is looked at again when that entry
/// comes up. The heap holds at most one live entry a source; when more than half of it is stale,
/// it is built anew, so its size stays within 2 × sources + a constant.
struct TimerQueue {
    private struct Entry: Comparable {
        let time: UInt64
        let source: SourceID

        static func < (left: Entry, right: Entry) -> Bool { left.time < right.time }
    }

    private struct State {
        /// When the timer is due; nil when it was cancelled.
        var deadline: UInt64?
        /// The time of the source's live heap entry.
        var entry: UInt64?
    }

    /// Below this many entries, stale ones are left alone.
    private static let slack = 64

    private var states: [SourceID: State] = [:]
    private var heap = Heap<Entry>()

    /// The earliest time at which something may be due.
    var nextTime: UInt64? { heap.min?.time }

    /// Heap entries, stale ones included.
    var entryCount: Int { heap.count }

    /// Sets the source's timer, in place of any set before.
    mutating func set(_ source: SourceID, at deadline: UInt64) {
        var state = states[source] ?? State()
        state.deadline = deadline
        if state.entry.map({ deadline < $0 }) ?? true {
            state.entry = deadline
            heap.insert(Entry(time: deadline, source: source))
        }
        states[source] = state
        compact()
    }

    mutating func cancel(_ source: SourceID) {
        guard var state = states[source] else { return }
        state.deadline = nil
        states[source] = state
    }

    /// Forgets the source.
    mutating func remove(_ source: SourceID) {
        states[source] = nil
        compact()
    }

    /// Takes one source whose timer is due at `now`, earliest first; nil when there is none.
    mutating func popDue(now: UInt64) -> SourceID? {
        while let first = heap.min, first.time <= now {
            heap.removeMin()
            guard var state = states[first.source], state.entry == first.time else { continue }
            state.entry = nil
            let deadline = state.deadline
            if let deadline, deadline <= now { state.deadline = nil }
            states[first.source] = state
            guard let deadline else { continue }
            if deadline <= now { return first.source }
            set(first.source, at: deadline)
        }
        return nil
    }

    private mutating func compact() {
        guard heap.count > Self.slack + 2 * states.count else { return }
        heap = Heap(
            states.compactMap { source, state in
                state.entry.map { Entry(time: $0, source: source) }
            })
    }
}
