import HeapModule

/// One-shot timers of sources, earliest first. The time is an argument.
///
/// Postponing a deadline, which a busy connection does all the time, changes only the table: the
/// heap keeps the earlier entry, and the deadline is checked again when that entry comes up. The
/// heap holds at most one live entry per source. When more than half of it is stale it is rebuilt,
/// so that its size stays within 2 × sources + a constant.
struct TimerQueue {
    private struct Entry: Comparable {
        let time: UInt64
        let source: SourceID

        static func < (left: Entry, right: Entry) -> Bool { left.time < right.time }
    }

    private struct State {
        let source: SourceID
        /// When the timer is due; nil once cancelled.
        var deadline: UInt64?
        /// The time of the source's live heap entry.
        var entry: UInt64?
    }

    /// Entries below which stale ones are kept.
    private static let slack = 64

    /// By the sources' indices. An index is used again only after its source was removed.
    private var states: [State?] = []
    private var sourceCount = 0
    private var heap = Heap<Entry>()

    /// The earliest time at which something may be due.
    var nextTime: UInt64? { heap.min?.time }

    /// Heap entries, including stale ones.
    var entryCount: Int { heap.count }

    /// Sets the source's timer, replacing any set before.
    mutating func set(_ source: SourceID, at deadline: UInt64) {
        var state = self[source] ?? State(source: source)
        state.deadline = deadline
        if state.entry.map({ deadline < $0 }) ?? true {
            state.entry = deadline
            heap.insert(Entry(time: deadline, source: source))
        }
        self[source] = state
        compact()
    }

    mutating func cancel(_ source: SourceID) {
        guard var state = self[source] else { return }
        state.deadline = nil
        self[source] = state
    }

    /// Removes the source.
    mutating func remove(_ source: SourceID) {
        guard self[source] != nil else { return }
        self[source] = nil
        compact()
    }

    private subscript(source: SourceID) -> State? {
        get {
            let index = Int(source.index)
            guard index < states.count, let state = states[index], state.source == source
            else { return nil }
            return state
        }
        set {
            let index = Int(source.index)
            while states.count <= index { states.append(nil) }
            sourceCount += (newValue == nil ? 0 : 1) - (states[index] == nil ? 0 : 1)
            states[index] = newValue
        }
    }

    /// Takes a source whose timer is due at `now`, the earliest first; nil if there is none.
    mutating func popDue(now: UInt64) -> SourceID? {
        while let first = heap.min, first.time <= now {
            heap.removeMin()
            guard var state = self[first.source], state.entry == first.time else { continue }
            state.entry = nil
            let deadline = state.deadline
            if let deadline, deadline <= now { state.deadline = nil }
            self[first.source] = state
            guard let deadline else { continue }
            if deadline <= now { return first.source }
            set(first.source, at: deadline)
        }
        return nil
    }

    private mutating func compact() {
        guard heap.count > Self.slack + 2 * sourceCount else { return }
        heap = Heap(
            states.compactMap { state in
                state.flatMap { state in
                    state.entry.map { Entry(time: $0, source: state.source) }
                }
            })
    }
}
