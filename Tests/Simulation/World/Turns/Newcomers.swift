/// Time of clients that are new, and of all others. While one of the others has work that may run,
/// new ones are ahead by a bounded time only: they get half.
struct Newcomers {
    private let bounds: Bounds
    private var isOn = false
    /// Time of new clients less that of all others.
    private var lead = 0.0
    private var least = 0.0
    private var time = (new: 0.0, all: 0.0)
    /// The most that they got of the time in a window of a hundred turns and more.
    private(set) var largestPart = 0.0

    init(_ bounds: Bounds) { self.bounds = bounds }

    mutating func setWindow(isOn now: Bool) {
        if now, !isOn { begin() }
        isOn = now
    }

    private mutating func begin() {
        least = lead
        time = (0, 0)
    }

    /// A client's first quantum counts as a new one's, unless it ran with others, or could not.
    mutating func note(_ nanoseconds: Double, of line: Audit.Line, got: Double) throws(Breach) {
        let isFirst = line.isNew && !line.wasHindered
        let new = isFirst ? min(nanoseconds, max(0, bounds.leastQuantum - got)) : 0
        lead += 2 * new - nanoseconds
        time = (time.new + new, time.all + nanoseconds)
        guard isOn else { return least = lead }
        least = min(least, lead)
        if time.all > 100 * bounds.quantum {
            largestPart = max(largestPart, time.new / time.all)
        }
        try require(
            lead - least <= bounds.newcomersLead, .newcomersGetHalf,
            "new clients are \((lead - least) / bounds.quantum) quanta ahead")
    }
}
