@testable import Batching

/// What the queue must do, said the slow way: one array, filtered anew for each question.
struct QueueModel {
    struct Item: Equatable {
        let id: Int
        let key: Int
        let rows: Int
        let deadline: UInt64
        let admittedAt: UInt64
    }

    let limits: BatchLimits
    var items: [Item] = []
    var isRunning = false
    var isDraining = false

    var rows: Int { items.reduce(0) { $0 + $1.rows } }

    mutating func expired(now: UInt64) -> [Int] {
        let late = items.filter { $0.deadline <= now }.map(\.id)
        items.removeAll { $0.deadline <= now }
        return late
    }

    /// The first instant at which a batch may run; 0 when one may run at once.
    var holdEnd: UInt64 {
        if isDraining || limits.maximumBatchDelay == 0 || rows >= limits.maximumBatchRows {
            return 0
        }
        let ends = items.map {
            min($0.admittedAt + limits.maximumBatchDelay, ($0.admittedAt + $0.deadline) / 2)
        }
        return ends.min() ?? 0
    }

    mutating func takeBatch() -> [Item] {
        let sameKey = items.filter { $0.key == items[0].key }
        var count = 1
        while count < sameKey.count,
            sameKey[...count].reduce(0, { $0 + $1.rows }) <= limits.maximumBatchRows
        {
            count += 1
        }
        let batch = Array(sameKey[..<count])
        items.removeAll { batch.contains($0) }
        return batch
    }
}
