import Fixtures
import Testing

@testable import Batching

/// Random walks over every operation, each step compared with `QueueModel`.
@Suite struct BatchQueueModelTests {
    static let stepsPerSeed = 4_000

    @Test(arguments: 0..<40)
    func `random walk agrees with the model`(seed: Int) {
        var walk = RandomWalk(seed: seed)
        for _ in 0..<Self.stepsPerSeed { walk.step() }
        walk.finishEverything()
        #expect(walk.disagreements == [])
        #expect(walk.fates.allSatisfy { $0 == 1 }, "an entry was lost or handed out twice")
        // Two steps in five try to admit; a tenth of those at least must have found room.
        #expect(walk.fates.count > Self.stepsPerSeed / 25)
    }
}

private struct RandomWalk {
    var random: SeededRandom
    var now: UInt64 = 1_000
    var queue: BatchQueue<Int, Int, Int>
    var model: QueueModel
    var tickets: [(id: Int, ticket: Ticket)] = []
    /// The number of times that each admitted entry came out again.
    var fates: [Int] = []
    var disagreements: [String] = []

    init(seed: Int) {
        random = SeededRandom(seed: UInt64(seed))
        let limits = BatchLimits(
            maxQueueRows: Int.random(in: 1...60, using: &random),
            maxBatchRows: Int.random(in: 1...16, using: &random),
            maxBatchDelay: [0, 1, 7, 40].randomElement(using: &random) ?? 0)
        queue = BatchQueue(limits: limits)
        model = QueueModel(limits: limits)
    }

    mutating func step() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: admit()
        case 4: now += UInt64.random(in: 0...12, using: &random)
        case 5: cancel()
        case 6: finish()
        default: act()
        }
        check(queue.waitingRows == model.rows, "rows \(queue.waitingRows), not \(model.rows)")
        check(queue.waiting.count == model.items.count, "entries")
    }

    mutating func finishEverything() {
        while !model.items.isEmpty || model.isRunning, disagreements.isEmpty {
            now = max(now, model.holdEnd)
            finish()
            act()
        }
        check(queue.waitingRows == 0 && queue.runningRows == 0, "the queue is not empty")
    }

    mutating func check(_ holds: Bool, _ complaint: String) {
        if !holds, disagreements.count < 5 { disagreements.append(complaint) }
    }

    mutating func admit() {
        let rows = Int.random(in: 0...min(20, model.limits.maxQueueRows + 1), using: &random)
        let deadline = now - 3 + UInt64.random(in: 0...120, using: &random)
        let key = Int.random(in: 0..<4, using: &random)
        let client = Int.random(in: 0..<4, using: &random)
        let id = fates.count
        let wait = queue.estimatedWait(now: now)
        let answer = queue.admit(
            id, key: key, client: client, rows: rows, deadline: deadline, now: now)
        let share = model.limits.maxQueueRows - model.limits.maxQueueRows / 4
        let room = model.rows(of: client) > 0 ? share : model.limits.maxQueueRows
        let isRoom = model.rows + rows <= room
        switch answer {
        case .admitted(let ticket):
            check(rows > 0 && deadline > now && isRoom, "admitted")
            tickets.append((id, ticket))
            fates.append(0)
            model.add(
                QueueModel.Item(
                    id: id, key: key, client: client, rows: rows, deadline: deadline,
                    admittedAt: now))
        case .noRows: check(rows == 0, "noRows")
        case .expired: check(rows > 0 && deadline <= now, "expired on arrival")
        case .queueFull(let waiting, let limit, _):
            check(!isRoom && waiting == model.rows && limit == room, "full")
        case .deadlineOutOfReach(let estimate):
            check(estimate <= wait && estimate > deadline - now && isRoom, "out of reach")
        }
    }

    mutating func cancel() {
        guard let chosen = tickets.randomElement(using: &random) else { return }
        let waits = model.items.contains { $0.id == chosen.id }
        let entry = queue.cancel(chosen.ticket)
        check(entry == (waits ? chosen.id : nil), "cancel \(chosen.id)")
        model.drop(chosen.id)
        if let entry { fates[entry] += 1 }
    }

    mutating func finish() {
        queue.finish(now: now)
        model.isRunning = false
    }

    mutating func act() {
        let late = model.expired(now: now)
        let action = queue.next(now: now)
        if !late.isEmpty {
            guard case .expired(let entries) = action else { return check(false, "no expired") }
            check(entries == late, "expired \(entries), not \(late)")
            for entry in entries { fates[entry] += 1 }
        } else if model.isRunning {
            guard case .busy = action else { return check(false, "not busy") }
        } else if model.items.isEmpty {
            guard case .idle = action else { return check(false, "not idle") }
        } else if model.holdEnd > now {
            guard case .wait(let until) = action else { return check(false, "no wait") }
            check(until == model.holdEnd, "waits until \(until), not \(model.holdEnd)")
        } else {
            guard case .run(let batch) = action else { return check(false, "no batch") }
            let expected = model.takeBatch()
            model.isRunning = true
            check(batch.entries == expected.map(\.id), "batch \(batch.entries)")
            check(batch.key == expected[0].key, "key")
            check(batch.rows == expected.reduce(0) { $0 + $1.rows }, "batch rows")
            for entry in batch.entries { fates[entry] += 1 }
        }
    }
}
