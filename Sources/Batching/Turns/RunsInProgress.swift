/// The batches that have begun and are not done.
struct RunsInProgress: Sendable {
    /// A client's part of a batch.
    struct Share: Sendable {
        let client: Int
        /// Its expected time, in a unit that all shares of the batch have.
        let weight: Double
    }

    struct Run: Sendable {
        var sequence: UInt64 = 0
        var shares: [Share] = []
        /// The sum of the shares' weights.
        var weight = 0.0
        var rows = 0
        var bytes = 0
        /// Nanoseconds; 0 where nothing is known.
        var expected: UInt64 = 0
        /// Nanoseconds computed so far.
        var used: UInt64 = 0

        var isShared: Bool { shares.count > 1 }
    }

    private var slots = Slots<Run>()
    private(set) var count = 0
    /// Bytes that all of them hold.
    private(set) var bytes = 0
    /// The one whose slice is under way.
    private(set) var current: Int?
    private var nextSequence: UInt64 = 0

    /// A batch in progress with its name.
    subscript(slot: Int) -> (id: RunID, isShared: Bool) {
        let run = slots[slot]
        return (RunID(sequence: run.sequence, slot: slot), run.isShared)
    }

    func shares(of slot: Int) -> [Share] { slots[slot].shares }

    var currentRows: Int { current.map { slots[$0].rows } ?? 0 }

    /// A name for a batch that is about to begin.
    mutating func reserve() -> RunID {
        let sequence = nextSequence
        nextSequence += 1
        return RunID(sequence: sequence, slot: slots.insert(Run(sequence: sequence)))
    }

    /// Begins the first slice of a batch whose name is reserved.
    mutating func begin(_ id: RunID, _ run: Run) {
        slots[id.slot] = run
        slots[id.slot].sequence = id.sequence
        count += 1
        bytes += run.bytes
        current = id.slot
    }

    /// Begins another slice.
    mutating func resume(_ slot: Int) { current = slot }

    /// Ends the slice under way, which took `elapsed`; nil if it is not that batch's.
    mutating func endSlice(_ id: RunID, elapsed: UInt64, isFinished: Bool) -> Run? {
        guard current == id.slot, slots[id.slot].sequence == id.sequence else { return nil }
        current = nil
        slots[id.slot].used = slots[id.slot].used.saturatingAdd(elapsed)
        let run = slots[id.slot]
        guard isFinished else { return run }
        slots.remove(id.slot)
        count -= 1
        bytes -= run.bytes
        return run
    }

    /// Expected time until a batch is done, were it alone.
    func remainder(of slot: Int) -> UInt64 {
        let run = slots[slot]
        return run.expected - min(run.expected, run.used)
    }
}
