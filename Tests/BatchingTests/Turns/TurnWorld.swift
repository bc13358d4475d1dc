import Fixtures

@testable import Batching

/// An `EntryQueue` at work in virtual time, with entries whose costs are known to the world alone.
struct TurnWorld {
    struct Piece: Equatable {
        let client: Int
        /// Its place among the client's entries.
        let place: Int
        let rows: Int
        /// Nanoseconds that computing it takes.
        let cost: UInt64
        let admission: UInt64
    }

    typealias Queue = EntryQueue<Piece>

    var queue: Queue
    private(set) var now: UInt64 = 0
    /// Time that a slice takes beyond its end, as work is stopped at the end of a block only.
    var overshoot: UInt64 = 0
    /// Time computed for each client.
    private(set) var got: [Int: UInt64] = [:]
    /// Entries that are done, with the time at which they were.
    private(set) var done: [(piece: Piece, at: UInt64)] = []
    private(set) var expired: [Piece] = []
    /// The clients of each slice, in order, and its length.
    private(set) var slices: [(clients: Set<Int>, time: UInt64)] = []
    private var left: [RunID: (time: UInt64, pieces: [Piece])] = [:]
    private var places: [Int: Int] = [:]

    init(_ limits: TurnLimits) { queue = Queue(limits: limits) }

    mutating func advance(to instant: UInt64) { now = max(now, instant) }

    /// Hands an entry in whose cost is known to the queue, or not.
    @discardableResult
    mutating func submit(
        _ client: Int, cost: UInt64, rows: Int = 1, key: Int = 0, isKnown: Bool = true,
        bytes: Int = 0, deadline: UInt64 = .max
    ) -> Admission {
        let place = places[client, default: 0]
        let piece = Piece(client: client, place: place, rows: rows, cost: cost, admission: now)
        let admission = queue.admit(
            piece, key: key, client: ClientID(client),
            size: EntrySize(rows: rows, expected: isKnown ? cost : nil, bytes: bytes),
            deadline: deadline, now: now)
        if case .admitted = admission { places[client] = place + 1 }
        return admission
    }

    /// Makes one slice; the entries that it finished, or nil if there was nothing to do.
    mutating func step() -> [Piece]? {
        switch queue.next(now: now) {
        case .expired(let pieces):
            expired += pieces
            return []
        case .start(let id, let batch, let slice):
            let cost = batch.entries.reduce(0) { $0 + $1.cost }
            return run(id, (cost, batch.entries), slice)
        case .resume(let id, let slice):
            guard let batch = left.removeValue(forKey: id) else { return nil }
            return run(id, batch, slice)
        case .wait, .busy, .idle: return nil
        }
    }

    private mutating func run(
        _ id: RunID, _ batch: (time: UInt64, pieces: [Piece]), _ slice: UInt64
    ) -> [Piece] {
        let time = min(batch.time, slice + overshoot)
        now += time
        let whole = batch.pieces.reduce(0) { $0 + Double($1.cost) }
        for piece in batch.pieces {
            got[piece.client, default: 0] += UInt64(Double(time) * Double(piece.cost) / whole)
        }
        slices.append((Set(batch.pieces.map(\.client)), time))
        queue.endSlice(id, elapsed: time, isFinished: time == batch.time)
        guard time == batch.time else {
            left[id] = (batch.time - time, batch.pieces)
            return []
        }
        done += batch.pieces.map { ($0, now) }
        return batch.pieces
    }

    /// Makes slices until there is nothing to do, at most `count`.
    mutating func run(atMost count: Int = .max) {
        var made = 0
        while made < count, step() != nil { made += 1 }
    }
}

let millisecond: UInt64 = 1_000_000

extension ClientID {
    init(_ number: Int) { self.init(number: UInt64(number)) }
}
