@testable import Batching

/// The queue's behaviour in its simplest form: one array, filtered anew for each question.
struct QueueModel {
    struct Item: Equatable {
        let id: Int
        let key: Int
        let client: Int
        let rows: Int
        let deadline: UInt64
        let admittedAt: UInt64
    }

    /// A client's place in the turns of a key.
    struct Place: Equatable {
        let client: Int
        var credit = 0
        var isServed = false
    }

    let limits: BatchLimits
    private(set) var items: [Item] = []
    /// The keys in the order of their turns, each with its clients in the order of theirs.
    var turns: [(key: Int, places: [Place])] = []
    var isRunning = false

    var rows: Int { items.reduce(0) { $0 + $1.rows } }
    var quantum: Int { max(1, limits.maxBatchRows / 8) }

    func rows(of client: Int) -> Int {
        items.filter { $0.client == client }.reduce(0) { $0 + $1.rows }
    }

    mutating func add(_ item: Item) {
        items.append(item)
        if !turns.contains(where: { $0.key == item.key }) { turns.append((item.key, [])) }
        for index in turns.indices where turns[index].key == item.key {
            if !turns[index].places.contains(where: { $0.client == item.client }) {
                turns[index].places.append(Place(client: item.client))
            }
        }
    }

    /// Takes one out because nobody wants it: its client's credit is cut back.
    mutating func drop(_ id: Int) {
        guard let item = items.first(where: { $0.id == id }) else { return }
        items.removeAll { $0.id == id }
        for turn in turns.indices where turns[turn].key == item.key {
            for place in turns[turn].places.indices
            where turns[turn].places[place].client == item.client {
                turns[turn].places[place].credit = min(turns[turn].places[place].credit, quantum)
            }
        }
        forgetEmptyPlaces()
    }

    private mutating func forgetEmptyPlaces() {
        for turn in turns.indices {
            let key = turns[turn].key
            turns[turn].places.removeAll { place in
                !items.contains { $0.key == key && $0.client == place.client }
            }
        }
        turns.removeAll { $0.places.isEmpty }
    }

    mutating func expired(now: UInt64) -> [Int] {
        let late = items.filter { $0.deadline <= now }.map(\.id)
        for id in late { drop(id) }
        return late
    }

    /// The first instant at which a batch may run; 0 when one may run at once.
    var holdEnd: UInt64 {
        if limits.maxBatchDelay == 0 || rows >= limits.maxBatchRows { return 0 }
        let ends = items.map {
            min($0.admittedAt + limits.maxBatchDelay, ($0.admittedAt + $0.deadline) / 2)
        }
        return ends.min() ?? 0
    }

    /// Deficit round-robin as its authors tell it, with arrays that are turned round.
    mutating func takeBatch() -> [Item] {
        let key = turns[0].key
        turns.append(turns.removeFirst())
        var batch: [Item] = []
        var sum: Int { batch.reduce(0) { $0 + $1.rows } }
        while sum < limits.maxBatchRows, let last = turns.last, last.key == key {
            let index = turns.count - 1
            var place = last.places[0]
            if !place.isServed {
                place.isServed = true
                place.credit += quantum
            }
            turns[index].places[0] = place
            let next = items.first { $0.key == key && $0.client == place.client }
            guard let next, next.rows <= place.credit else {
                turns[index].places[0].isServed = false
                turns[index].places.append(turns[index].places.removeFirst())
                continue
            }
            if !batch.isEmpty, sum + next.rows > limits.maxBatchRows { break }
            turns[index].places[0].credit -= next.rows
            batch.append(next)
            items.removeAll { $0.id == next.id }
            forgetEmptyPlaces()
        }
        return batch
    }
}
