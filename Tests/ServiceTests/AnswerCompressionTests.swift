import HTTPTypes
import Testing

@testable import HTTPMessages
@testable import Service

@Suite struct AnswerCompressionTests {
    private static let inline = 64 * 1024

    private let heldBytes = HeldBytes(limit: 0)
    private let queue: CompressionQueue
    private let compression: AnswerCompression

    init() {
        queue = CompressionQueue(heldBytes)
        compression = AnswerCompression(queue)
    }

    private static func message(_ count: Int) -> HTTPResponseMessage {
        var random = UInt32(count | 1)
        let body = (0..<count).map { _ -> UInt8 in
            random = random &* 1_664_525 &+ 1_013_904_223
            return UInt8(ascii: "0") + UInt8(random >> 28)
        }
        return HTTPResponseMessage(status: .ok, body: body)
    }

    private static func codings(_ text: String?) throws -> AcceptedCodings {
        let field = text.map { "Accept-Encoding: \($0)\r\n" } ?? ""
        return AcceptedCodings(of: try Requests.bare("GET /", field).head.headers)
    }

    private static func plain(_ message: HTTPResponseMessage) throws -> [UInt8] {
        guard message.headers[.contentEncoding] == "gzip" else { return message.body }
        var inflater = try ContentInflater(.gzip, limit: 1 << 24)
        var (plain, offset): ([UInt8], Int) = ([], 0)
        while offset < message.body.count {
            try inflater.read(message.body.span, from: &offset, into: &plain)
        }
        try inflater.checkEnd()
        return plain
    }

    /// The coded message; nil when it is coded off the loop.
    private func code(
        _ message: HTTPResponseMessage, _ text: String? = "gzip", now: UInt64,
        _ inFlight: @escaping () -> InFlight = { Requests.inFlight() }
    ) throws -> HTTPResponseMessage? {
        let outcome = compression.coded(
            message, try Self.codings(text), now: now, inFlight: inFlight)
        guard case .done(let coded) = outcome else { return nil }
        return coded
    }

    @Test(arguments: [nil, "identity", "br", "gzip;q=0"])
    func `an answer to a client without gzip is plain`(text: String?) throws {
        for count in [0, 1024, 1025, Self.inline + 1] {
            let message = Self.message(count)
            let coded = try #require(
                try code(message, text, now: 1) {
                    Issue.record("no work begins")
                    return Requests.inFlight()
                })
            #expect(coded.body == message.body)
            #expect(coded.headers[.contentEncoding] == nil)
            #expect(coded.headers[.vary] == (count > 1024 ? "Accept-Encoding" : nil))
        }
    }

    @Test(arguments: -1...1) func `a short answer stays plain`(excess: Int) throws {
        let message = Self.message(1024 + excess)
        let coded = try #require(try code(message, now: 1))
        #expect((coded.headers[.contentEncoding] != nil) == (excess > 0))
        #expect(try Self.plain(coded) == message.body)
    }

    @Test(arguments: -1...1) func `a long answer is coded beside the loop`(excess: Int) throws {
        let message = Self.message(Self.inline + excess)
        let awaited = AwaitedReplies()
        let inFlight = Requests.inFlight(awaited.replies)
        if let coded = try code(message, now: 1, { inFlight }) {
            #expect(excess <= 0 && coded.headers[.contentEncoding] == "gzip")
            #expect(try Self.plain(coded) == message.body)
            #expect(inFlight.stage == .reading, "no work began")
        } else {
            #expect(excess > 0 && inFlight.stage == .coding)
            guard case .coded(let coded) = try awaited.next() else {
                Issue.record("a coded answer")
                return
            }
            #expect(coded.headers[.contentEncoding] == "gzip")
            #expect(try Self.plain(coded) == message.body)
        }
        #expect(eventually { !heldBytes.isOver }, "nothing is held any more")
    }

    @Test(arguments: -1...1) func `a turn codes so many bytes itself`(excess: Int) throws {
        #expect(AnswerCompression.maxTurnBytes == 2 * Self.inline)
        #expect(try code(Self.message(Self.inline), now: 1) != nil)
        #expect(try code(Self.message(Self.inline - 2000), now: 1) != nil)
        #expect((try code(Self.message(2000 + excess), now: 1) != nil) == (excess <= 0))
        #expect(try code(Self.message(Self.inline), now: 2) != nil, "the next turn begins anew")
    }

    @Test func `the bytes of an answer that waits are held until it is coded or given up`() throws {
        let gate = Gate()
        let first = Requests.inFlight(gate.replies)
        #expect(queue.add(Self.message(5000), for: first))
        try #require(gate.isReached())
        #expect(heldBytes.isOver)
        let (left, stays) = (Replies(), AwaitedReplies())
        let inFlight = Requests.inFlight(left, ordinal: 1)
        #expect(queue.add(Self.message(3000), for: inFlight))
        #expect(queue.add(Self.message(3000), for: Requests.inFlight(stays.replies, ordinal: 2)))
        inFlight.cancel()
        inFlight.cancel()
        gate.open()
        guard case .coded(let message) = try stays.next() else {
            Issue.record("a coded answer")
            return
        }
        #expect(try Self.plain(message) == Self.message(3000).body)
        #expect(left.all.isEmpty, "an answer that nobody waits for is left alone")
        #expect(eventually { !heldBytes.isOver })
    }

    /// The count is exact: neither a byte more nor less.
    @Test(arguments: -1...1) func `bytes are held as they were before the coding`(excess: Int)
        throws
    {
        let heldBytes = HeldBytes(limit: 5000 + 3000 + excess)
        let queue = CompressionQueue(heldBytes)
        let gate = Gate()
        defer { gate.open() }
        #expect(queue.add(Self.message(5000), for: Requests.inFlight(gate.replies)))
        try #require(gate.isReached())
        let second = Requests.inFlight(ordinal: 1)
        #expect(queue.add(Self.message(3000), for: second))
        #expect(heldBytes.isOver == (excess < 0))
        second.cancel()
        #expect(!heldBytes.isOver)
    }

    @Test func `a client's answers that find no room are coded by their loop`() throws {
        let gate = Gate()
        #expect(queue.add(Self.message(1), for: Requests.inFlight(gate.replies)))
        try #require(gate.isReached())
        let waiting = (0..<CompressionQueue.maxWaitingAnswers).map { number in
            Requests.inFlight(ordinal: UInt64(number))
        }
        for (index, inFlight) in waiting.enumerated() {
            if !queue.add(Self.message(1), for: inFlight) { Issue.record("\(index) has no room") }
        }
        let message = Self.message(Self.inline + 1)
        let inFlight = Requests.inFlight()
        let coded = try #require(try code(message, now: 1, { inFlight }))
        #expect(try Self.plain(coded) == message.body)
        #expect(inFlight.stage == .reading)
        let other = InFlight(
            Requests.context(),
            reply: ReplyAddress(
                connection: TestDesk.connection(1), request: RequestID(ordinal: 0),
                target: Replies()))
        #expect(queue.add(Self.message(1), for: other), "others have room of their own")
        other.cancel()
        waiting[0].cancel()
        #expect(try code(message, now: 1) == nil, "there is room for one again")
        for inFlight in waiting { inFlight.cancel() }
        gate.open()
        #expect(eventually { !heldBytes.isOver })
    }
}
