import Fixtures
import Testing

@testable import Batching

/// An entry of a client, with its place among that client's entries.
private struct Piece: Equatable {
    let client: Int
    let place: Int
    let rows: Int
}

private typealias Queue = BatchQueue<String, Int, Piece>

@Suite struct FairnessTests {
    private func queue(rows: Int = 4096, batch: Int = 64) -> Queue {
        Queue(limits: BatchLimits(maxQueueRows: rows, maxBatchRows: batch))
    }

    private func admit(
        _ queue: inout Queue, client: Int, place: Int = 0, rows: Int, key: String = "a",
        deadline: UInt64 = .max, now: UInt64 = 0
    ) -> Admission {
        queue.admit(
            Piece(client: client, place: place, rows: rows), key: key, client: client, rows: rows,
            deadline: deadline, now: now)
    }

    private func isAdmitted(_ admission: Admission) -> Bool {
        guard case .admitted = admission else { return false }
        return true
    }

    /// The entries of the next batch; empty when there is none.
    private func run(_ queue: inout Queue, now: UInt64 = 0) -> [Piece] {
        guard case .run(let batch) = queue.next(now: now) else { return [] }
        queue.finish(now: now)
        return batch.entries
    }

    @Test func `one row is in the next batch, however many rows another client has waiting`() {
        var queue = queue()
        for place in 0..<3000 { _ = admit(&queue, client: 0, place: place, rows: 1) }
        #expect(isAdmitted(admit(&queue, client: 1, rows: 1)))
        let batch = run(&queue)
        #expect(batch.count == 64)
        #expect(batch.contains { $0.client == 1 })
    }

    @Test func `a key waits for one batch of another key at most`() {
        var queue = queue()
        for place in 0..<3000 { _ = admit(&queue, client: 0, place: place, rows: 1) }
        _ = run(&queue)
        _ = admit(&queue, client: 1, rows: 1, key: "b")
        let next = [run(&queue), run(&queue)]
        #expect(next.contains { $0.map(\.client) == [1] })
    }

    /// Two clients that always have more than a batch waiting. A client has got what its turns
    /// granted less its credit, which stays below a quantum (8 of 64) and its largest entry while
    /// a turn lasts and below that entry after it; the numbers of turns differ by one at most.
    /// So what they got differs by less than a quantum and the largest entry, after every entry.
    @Test(arguments: 0..<20) func `busy clients get like numbers of rows`(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var queue = queue()
        let largest = (0...1).map { _ in Int.random(in: 1...64, using: &random) }
        var got = [0, 0]
        var waiting = [0, 0]
        var admitted = [0, 0]
        var next = [0, 0]
        for _ in 0..<1000 {
            for client in 0...1 {
                while waiting[client] < 200 {
                    let rows = Int.random(in: 1...largest[client], using: &random)
                    _ = admit(&queue, client: client, place: admitted[client], rows: rows)
                    admitted[client] += 1
                    waiting[client] += rows
                }
            }
            for piece in run(&queue) {
                got[piece.client] += piece.rows
                waiting[piece.client] -= piece.rows
                #expect(piece.place == next[piece.client], "out of order")
                next[piece.client] += 1
                #expect(abs(got[0] - got[1]) < 8 + max(largest[0], largest[1]))
            }
        }
        #expect(got[0] + got[1] > 32_000, "batches were less than half full")
    }

    /// The credit gathered for an entry that is dropped is not spent on those behind it.
    @Test func `a large entry that is taken back leaves no credit`() {
        var queue = queue()
        let large = admit(&queue, client: 0, rows: 1000)
        for place in 1...200 { _ = admit(&queue, client: 0, place: place, rows: 1) }
        for place in 0..<400 { _ = admit(&queue, client: 1, place: place, rows: 1) }
        for _ in 0..<4 { #expect(run(&queue).allSatisfy { $0.client == 1 }) }
        guard case .admitted(let ticket) = large else {
            Issue.record("refused")
            return
        }
        #expect(queue.cancel(ticket)?.rows == 1000)
        let shares = run(&queue)
        // A quantum kept, and a quantum a turn: at most 8 rows more than half of the batch.
        #expect(shares.filter { $0.client == 0 }.count <= 40)
    }

    @Test(arguments: [(2, true), (3, true), (4, false)])
    func `a client that waits already leaves a quarter free`(rows: Int, fits: Bool) {
        var queue = queue(rows: 12)
        #expect(isAdmitted(admit(&queue, client: 0, rows: 6)))
        let answer = admit(&queue, client: 0, place: 1, rows: rows)
        #expect(isAdmitted(answer) == fits)
        if !fits { #expect(answer == .queueFull(waitingRows: 6, limit: 9, estimatedWait: 0)) }
        #expect(isAdmitted(admit(&queue, client: 1, rows: 6 - (fits ? rows : 0))))
        #expect(!isAdmitted(admit(&queue, client: 2, rows: 1)))
    }

    @Test func `an entry may fill the whole of an empty queue`() {
        var queue = queue(rows: 12)
        #expect(!isAdmitted(admit(&queue, client: 0, rows: 13)))
        #expect(isAdmitted(admit(&queue, client: 0, rows: 12)))
    }

    /// A row takes 100. Before a client's own row come of each other client as many rows as of its
    /// own, and a batch of 4: (1 + 4) · 100 = 500, although 40 rows wait.
    @Test(arguments: [(499, false), (500, true)] as [(UInt64, Bool)])
    func `what others have waiting does not put a deadline out of reach`(
        time: UInt64, isReached: Bool
    ) {
        var queue = queue(rows: 100, batch: 4)
        _ = admit(&queue, client: 0, rows: 4)
        _ = queue.next(now: 0)
        queue.finish(now: 400)
        for place in 0..<10 { _ = admit(&queue, client: 0, place: place, rows: 4, now: 400) }
        let answer = admit(&queue, client: 1, rows: 1, deadline: 400 + time, now: 400)
        #expect(isAdmitted(answer) == isReached)
        if !isReached { #expect(answer == .deadlineOutOfReach(estimatedWait: 500)) }
    }
}
