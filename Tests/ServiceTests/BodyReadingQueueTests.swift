import Clocks
import Predictions
import Testing

@testable import HTTPMessages
@testable import InferenceAPI
@testable import Service

@Suite struct BodyReadingQueueTests {
    private func message(bytes: Int, coding: String? = nil) throws -> HTTPRequestMessage {
        let field = coding.map { "Content-Encoding: \($0)\r\n" } ?? ""
        return try Requests.message(
            "POST /predict", field, body: [UInt8](repeating: 0, count: bytes))
    }

    @Test(arguments: -1...1) func `a long body is read beside the loop`(excess: Int) throws {
        #expect(BodyReadingQueue.takes(try message(bytes: (1 << 20) + excess)) == (excess > 0))
    }

    @Test(arguments: ["gzip", "deflate", "br"])
    func `so is a coded one of any length`(coding: String) throws {
        #expect(BodyReadingQueue.takes(try message(bytes: 1, coding: coding)))
    }

    @Test func `an empty body is no work`() throws {
        #expect(!BodyReadingQueue.takes(try message(bytes: 0)))
    }
}

/// Requests whose bodies are read off the loop.
@Suite struct BodyReadingTests {
    private static let gzip = "Content-Encoding: gzip\r\n"

    private let desk: TestDesk
    private let width: Int

    init() throws {
        desk = try TestDesk(models: ["digits-mhp"])
        width = try #require(desk.model()).summary.inputCount
    }

    private static func coded(_ body: [UInt8]) throws -> [UInt8] {
        let encoder = try #require(GzipEncoder())
        return try #require(encoder.encode(body))
    }

    /// The same of a body with blanks behind it: too long for its loop to decode.
    private static func longCoded(_ body: [UInt8]) throws -> [UInt8] {
        try coded(body + [UInt8](repeating: 0x20, count: ShortCodedBody.maxBytes))
    }

    /// A request that holds the reading queue until the gate opens: its refusal is sent from there.
    private func hold(_ gate: Gate) throws {
        let malformed = try Requests.message("POST /predict", Self.gzip, body: [0])
        _ = try #require(desk.begin(malformed, gate.replies, connection: 1000))
        try #require(gate.isReached())
    }

    @Test func `a coded body gives the answer of the plain one`() throws {
        let rows = TestRows(3, width: width)
        let plain = try desk.answer(try Requests.message("POST /predict", body: rows.json()))
        let message = try Requests.message(
            "POST /predict", Self.gzip, body: try Self.longCoded(rows.json()))
        let coded = try desk.answer(message)
        #expect(plain.status == 200 && coded.status == 200)
        #expect(coded.bytes == plain.bytes)
        #expect(coded.context.model == "digits-mhp" && coded.context.work?.rowCount == 3)
    }

    @Test func `an array may be coded too`() throws {
        let rows = TestRows(300, width: width)
        let fields = "Content-Type: application/x-npy\r\n"
        let plain = try desk.answer(try Requests.message("POST /predict", fields, body: rows.array))
        let coded = try desk.answer(
            try Requests.message(
                "POST /predict", fields + Self.gzip, body: try Self.coded(rows.array)))
        #expect(plain.status == 200)
        #expect(coded.bytes == plain.bytes)
    }

    @Test func `a body that cannot be decoded is refused as an answer is`() throws {
        let good = try Self.coded(TestRows(1, width: width).json())
        let cases: [(String, [UInt8], Int, String)] = [
            ("gzip", [0], 400, "malformed_content_coding"),
            ("gzip", Array(good.dropLast()), 400, "malformed_content_coding"),
            ("gzip", good + [0], 400, "malformed_content_coding"),
            ("br", good, 415, "unsupported_content_encoding"),
            ("gzip", try Self.longCoded([0x7B]), 400, "malformed_json"),
        ]
        for (coding, body, status, code) in cases {
            let outcome = try desk.answer(
                try Requests.message("POST /predict", "Content-Encoding: \(coding)\r\n", body: body)
            )
            #expect(!outcome.isImmediate && outcome.status == status)
            #expect(outcome.refusal?.code == code)
            #expect(outcome.context.model.isEmpty && outcome.context.work == nil)
        }
    }

    @Test(arguments: -1...1) func `the limit of bodies is that of the decoded one`(excess: Int)
        throws
    {
        let body = TestRows(1, width: width).json()
        var options = ServiceOptions()
        options.maxBodyBytes = body.count - excess
        let desk = try TestDesk(options, models: ["digits-mhp"])
        let outcome = try desk.answer(
            try Requests.message("POST /predict", Self.gzip, body: try Self.coded(body)))
        #expect(outcome.status == (excess > 0 ? 413 : 200))
    }

    @Test func `models that are not there yet are found missing when the body is read`() throws {
        let desk = try TestDesk()
        let outcome = try desk.answer(
            try Requests.message("POST /predict", Self.gzip, body: try Self.longCoded([0x7B])))
        #expect(!outcome.isImmediate && outcome.refusal?.code == "not_ready")
        #expect(desk.rejected(.notReady) == 1)
    }

    @Test func `a request that is given up is not read`() throws {
        let (gate, left, stays) = (Gate(), Replies(), AwaitedReplies())
        try hold(gate)
        let body = try Self.longCoded(TestRows(1, width: width).json())
        let message = try Requests.message("POST /predict", Self.gzip, body: body)
        let inFlight = try #require(desk.begin(message, left))
        #expect(inFlight.stage == .reading && inFlight.context.model.isEmpty)
        inFlight.cancel()
        let other = try #require(desk.begin(message, stays.replies))
        gate.open()
        #expect(try stays.nextAnswer().status == 200)
        #expect(other.context.model == "digits-mhp")
        // The answer may be there before the reading queue has noted where it waited.
        #expect(eventually { other.stage == .predicting })
        // It stood in front of the other one.
        #expect(left.all.isEmpty && inFlight.context.model.isEmpty)
        #expect(inFlight.stage == .reading)
    }

    @Test func `a request that is late before it is read is told so`() throws {
        let (gate, awaited) = (Gate(), AwaitedReplies())
        try hold(gate)
        let message = try Requests.message(
            "POST /predict", Self.gzip + "X-Request-Timeout-Ms: 100\r\n", body: [0])
        let arrival = MonotonicClock.now
        let inFlight = desk.begin(message, awaited.replies, arrival: arrival)
        // Where this thread stood still for so long, it was refused at once.
        guard inFlight != nil else { return #expect(desk.rejected(.deadline) == 1) }
        #expect(eventually { MonotonicClock.now > arrival + 100_000_000 })
        gate.open()
        #expect(try awaited.nextAnswer().status == 504, "and not that its body is malformed")
    }

    @Test func `a request whose time is over is not taken`() throws {
        let message = try Requests.message(
            "POST /predict", Self.gzip + "X-Request-Timeout-Ms: 1\r\n", body: [0])
        let outcome = try desk.answer(message, arrival: 0)
        #expect(outcome.isImmediate && outcome.status == 504)
        #expect(desk.rejected(.deadline) == 1)
        let header = try Requests.message(
            "POST /predict", Self.gzip + "X-Request-Timeout-Ms: 0\r\n", body: [0])
        #expect(try desk.answer(header).refusal?.code == "invalid_header")
    }

    /// A turn reads a mebibyte; the body that goes over it, and only that, is read off the loop.
    @Test(arguments: -1...1) func `a turn reads so many bytes of bodies itself`(excess: Int) throws
    {
        let turn: UInt64 = MonotonicClock.now
        let filler = [UInt8](repeating: 0x20, count: (1 << 20) - 100)
        let first = try desk.answer(
            try Requests.message("POST /predict", body: filler), arrival: turn)
        #expect(first.isImmediate && first.status == 400)
        let rest = [UInt8](repeating: 0x20, count: 100 + excess)
        let second = try Requests.message("POST /predict", body: rest)
        #expect(try desk.answer(second, arrival: turn).isImmediate == (excess <= 0))
        let third = try desk.answer(second, arrival: turn + 1)
        #expect(third.isImmediate, "the next turn begins anew")
    }
}
