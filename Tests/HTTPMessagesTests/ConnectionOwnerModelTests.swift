import Fixtures
import HTTPTypes
import Testing

@testable import HTTPMessages

/// Random lives of connections, whose requests are answered at once, later, in stages or never.
@Suite struct ConnectionOwnerModelTests {
    private struct Stranger: Error {}

    /// A connection's life and the accounts that are kept of its works.
    private struct Life {
        var random: SeededRandom
        let owner: SteppingOwner
        /// Works that came back, with their number of times.
        var finished: [Int] = []

        private static let pieces = [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /closed HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        ]
        private static let lastPieces = ["GET / HTTP/1.0\r\n\r\n", "\0", "POST / HT", ""]

        init(seed: UInt64) {
            random = SeededRandom(seed: seed)
            var limits = HTTPLimits()
            limits.maxPipelinedRequests = Int.random(in: 1...4, using: &random)
            limits.maxPipelinedBodyBytes = Int.random(in: 1...8, using: &random)
            limits.maxUnflushedBytes = Int.random(in: 1...400, using: &random)
            owner = SteppingOwner(limits: limits) { head in
                RequestVerdict(head.path == "/closed" ? .refuse(Stranger()) : .take)
            }
            let odds = UInt64.random(in: 0...4, using: &random)
            owner.answersAtOnce = { $0.ordinal * 7 % 4 < odds }
        }

        mutating func finish() throws {
            let ordinal = UInt64.random(in: 0..<12, using: &random)
            let id = RequestID(ordinal: ordinal)
            let goesOn = Int.random(in: 0..<3, using: &random) == 0
            let owner = owner
            var taken: [Int] = []
            try owner.finish(id) { work in
                taken.append(work.number)
                return goesOn ? owner.pending() : .answer(SteppingOwner.answer(id))
            }
            finished += taken
        }

        mutating func step() throws {
            owner.now += UInt64.random(in: 0..<1_000_000, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<3:
                var text = Self.pieces.randomElement(using: &random) ?? ""
                text += Self.pieces.randomElement(using: &random) ?? ""
                try owner.receive(text)
            case 3..<6: try finish()
            case 6:
                let unflushed = owner.owned.machine.unflushedBytes
                try owner.writeProgressed(
                    pending: unflushed == 0 ? 0 : Int.random(in: 0..<unflushed, using: &random))
            default: try owner.writeProgressed(pending: 0)
            }
        }

        mutating func end() throws {
            switch Int.random(in: 0..<3, using: &random) {
            case 0: try owner.peerClosedReading()
            case 1: try owner.beginDrain()
            default: try owner.receive(Self.lastPieces.randomElement(using: &random) ?? "")
            }
            for _ in 0..<20 { try finish() }
            try owner.cancelAll()
        }
    }

    /// Actions carried out in another order than the machine's would leave a pause or a timer
    /// behind that it has ended.
    @Test(arguments: 0..<200) func `the socket is as the machine has it after every event`(
        seed: Int
    ) throws {
        var life = Life(seed: UInt64(seed))
        let owner = life.owner
        owner.onSettle = {
            #expect(owner.isPaused == owner.owned.machine.isReadingPaused)
            #expect(owner.timer == owner.owned.machine.armedDeadline)
        }
        try owner.start()
        for _ in 0..<40 { try life.step() }
        try life.end()
    }

    @Test(arguments: 0..<200) func `every work ends once, taken up or given up`(seed: Int) throws {
        var life = Life(seed: UInt64(1000 + seed))
        try life.owner.start()
        for _ in 0..<40 {
            try life.step()
            var works = life.owner.owned.requests
            for id in life.owner.owned.machine.waitingRequests { _ = works.remove(id) }
            #expect(works.isEmpty, "work for an answer that nobody waits for")
        }
        try life.end()
        let cancelled = life.owner.calls.compactMap { call -> Int? in
            guard case .cancel(let work) = call else { return nil }
            return work
        }
        #expect((life.finished + cancelled).sorted() == Array(0..<life.owner.workCount))
        #expect(life.owner.owned.requests.isEmpty)
    }
}
