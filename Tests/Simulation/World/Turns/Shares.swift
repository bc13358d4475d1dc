/// The time that each client got, and how far any client fell behind another while it had work of
/// its own that might run. Clients are small numbers.
///
/// Over any window in which `i` had such work, the time that `j` gets minus that of `i` (times a
/// factor) is bounded. With the least value that it ever had in the window at hand, the largest
/// rise over all windows inside is known at once.
struct Shares {
    private let bounds: Bounds
    private(set) var got: [Double] = []
    /// Whether the client has work of its own that may run.
    private var isOn: [Bool] = []
    /// The least difference while both had work, and while the first had: [behind][ahead].
    private var least: [[Double]] = []
    private var leastComing: [[Double]] = []
    /// The furthest that a client was behind, in quanta.
    private(set) var furthest = 0.0
    /// The same in parts of its bound.
    private(set) var furthestPart = 0.0

    init(_ bounds: Bounds) { self.bounds = bounds }

    private var all: Range<Int> { got.indices }

    /// A client's slot is taken; nothing that it did before counts.
    mutating func open(_ slot: Int) {
        while got.count <= slot {
            for client in all {
                least[client].append(0)
                leastComing[client].append(0)
            }
            got.append(0)
            isOn.append(false)
            least.append([Double](repeating: 0, count: got.count))
            leastComing.append([Double](repeating: 0, count: got.count))
        }
        got[slot] = 0
        isOn[slot] = false
        for client in all {
            leastComing[client][slot] = -2 * bounds.ratio * got[client]
        }
        begin(slot)
    }

    /// A client has work again: from now on it is no more one that comes.
    mutating func begin(_ slot: Int) {
        for client in all {
            least[client][slot] = got[slot] - bounds.ratio * got[client]
        }
    }

    mutating func setWindow(_ slot: Int, isOn now: Bool) {
        guard now != isOn[slot] else { return }
        isOn[slot] = now
        guard now else { return }
        for other in all {
            least[slot][other] = got[other] - bounds.ratio * got[slot]
            leastComing[slot][other] = got[other] - 2 * bounds.ratio * got[slot]
        }
    }

    mutating func charge(_ slot: Int, _ time: Double) throws(Breach) {
        got[slot] += time
        let (total, ratio) = (got[slot], bounds.ratio)
        for other in all where isOn[other] && other != slot {
            let lag = total - ratio * got[other] - least[other][slot]
            furthest = max(furthest, lag / bounds.quantum)
            furthestPart = max(furthestPart, lag / bounds.lag)
            try require(
                lag <= bounds.lag, .sharesAreEqual,
                "client slot \(other) is \(lag / bounds.quantum) quanta behind slot \(slot)")
            let coming = total - 2 * ratio * got[other] - leastComing[other][slot]
            try require(
                coming <= bounds.comingLag, .sharesAreEqual,
                "client slot \(other) is \(coming / bounds.quantum) quanta behind half of"
                    + " slot \(slot), which comes and goes")
        }
        guard isOn[slot] else { return }
        for other in all {
            least[slot][other] = min(least[slot][other], got[other] - ratio * total)
            leastComing[slot][other] = min(
                leastComing[slot][other], got[other] - 2 * ratio * total)
        }
    }
}
