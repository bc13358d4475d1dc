import Clocks
import Predictions
import Testing

@testable import HTTPMessages
@testable import Service

@Suite struct ShortCodedBodyTests {
    private static let fields = "Content-Encoding: gzip\r\n"

    private static func coded(_ body: [UInt8]) throws -> [UInt8] {
        let encoder = try #require(GzipEncoder())
        return try #require(encoder.encode(body))
    }

    private static func message(_ body: [UInt8], _ fields: String = fields) throws
        -> HTTPRequestMessage
    {
        try Requests.message("POST /predict", fields, body: body)
    }

    private static func decoded(_ message: HTTPRequestMessage, limit: Int = .max) -> [UInt8]? {
        ShortCodedBody.decoded(message, maxBodyBytes: limit)?.body
    }

    /// A body whose code has exactly `count` bytes: members without content before it, and an
    /// optional name of any length in the header of the last.
    private static func codedBody(_ body: [UInt8], count: Int) throws -> [UInt8] {
        var member = try coded(body)
        let name = count - member.count - 1
        try #require(name >= 0)
        member[3] |= 8
        member.insert(contentsOf: [UInt8](repeating: 0x61, count: name) + [0], at: 10)
        return member
    }

    @Test(arguments: -1...1) func `so many coded bytes are decoded`(excess: Int) throws {
        let message = try Self.message(try Self.codedBody([1, 2, 3], count: (8 << 10) + excess))
        #expect(message.body.count == ShortCodedBody.maxCodedBytes + excess)
        #expect(Self.decoded(message) == (excess > 0 ? nil : [1, 2, 3]))
    }

    @Test(arguments: -1...1) func `so many bytes may come of them`(excess: Int) throws {
        let body = [UInt8](repeating: 7, count: (64 << 10) + excess)
        let message = try Self.message(try Self.coded(body))
        #expect(Self.decoded(message) == (excess > 0 ? nil : body))
    }

    @Test(arguments: -1...1) func `no more than a body may have`(excess: Int) throws {
        let body = [UInt8](repeating: 7, count: 100)
        let message = try Self.message(try Self.coded(body))
        #expect(Self.decoded(message, limit: 100 - excess) == (excess > 0 ? nil : body))
    }

    @Test func `what is not coded, or not whole, is left as it is`() throws {
        let good = try Self.coded([1])
        #expect(Self.decoded(try Self.message(good)) == [1])
        #expect(Self.decoded(try Self.message(good, "")) == nil)
        #expect(Self.decoded(try Self.message(good, "Content-Encoding: identity\r\n")) == nil)
        #expect(Self.decoded(try Self.message(good, "Content-Encoding: br\r\n")) == nil)
        #expect(Self.decoded(try Self.message(good, "Content-Encoding: deflate\r\n")) == nil)
        for bad in [[], good.dropLast(), good + [0], [0]] as [[UInt8]] {
            #expect(Self.decoded(try Self.message(bad)) == nil)
        }
    }

    @Test func `several members are one body`() throws {
        let message = try Self.message(try Self.coded([1]) + Self.coded([]) + Self.coded([2]))
        #expect(Self.decoded(message) == [1, 2])
    }
}

/// Short coded bodies as a loop reads them.
@Suite struct ShortCodedRequestTests {
    private let desk: TestDesk
    private let width: Int

    init() throws {
        desk = try TestDesk(models: ["digits-mhp"], isInline: true)
        width = try #require(desk.model()).summary.inputCount
    }

    private static func coded(_ body: [UInt8]) throws -> HTTPRequestMessage {
        let encoder = try #require(GzipEncoder())
        return try Requests.message(
            "POST /predict", "Content-Encoding: gzip\r\n",
            body: try #require(encoder.encode(body)))
    }

    @Test func `the answer is that of the plain body`() throws {
        let rows = TestRows(1, width: width).json()
        let plain = try desk.answer(try Requests.message("POST /predict", body: rows))
        let coded = try desk.answer(try Self.coded(rows))
        #expect(plain.status == 200 && coded.bytes == plain.bytes)
    }

    @Test func `an error is found in the loop's turn`() throws {
        let outcome = try desk.answer(try Self.coded([0x7B]))
        #expect(outcome.isImmediate && outcome.refusal?.code == "malformed_json")
    }

    /// A coded byte counts as 32, and then come those that were decoded.
    @Test(arguments: -1...1) func `a turn decodes so many`(excess: Int) throws {
        let turn = MonotonicClock.now
        let short = try Self.coded([0x7B])
        let price = 32 * short.body.count + 1
        let filler = [UInt8](repeating: 0x20, count: (1 << 20) - price + excess)
        let first = try desk.answer(
            try Requests.message("POST /predict", body: filler), arrival: turn)
        #expect(first.isImmediate)
        #expect(try desk.answer(short, arrival: turn).isImmediate == (excess <= 0))
        #expect(try desk.answer(short, arrival: turn + 1).isImmediate, "the next turn")
    }
}
