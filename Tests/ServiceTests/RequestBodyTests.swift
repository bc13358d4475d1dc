import Batching
import Testing

@testable import HTTPMessages
@testable import Service

/// The bodies of requests as they are read off the loop.
@Suite struct RequestBodyTests {
    private static let piece = RequestBody.pieceBytes

    /// Calls of a checkpoint; the last that is let through is `limit`.
    private final class Checkpoints {
        var count = 0
        var limit = Int.max

        func pass() throws(Refusal) {
            count += 1
            if count > limit { throw .deadline }
        }
    }

    private let checkpoints = Checkpoints()
    private let heldBytes = HeldBytes(limit: 1 << 30)

    private func body(
        _ bytes: [UInt8], coding: String? = nil, limit: Int = 64 << 20,
        _ heldBytes: HeldBytes? = nil
    ) throws -> RequestBody {
        let field = coding.map { "Content-Encoding: \($0)\r\n" } ?? ""
        let message = try Requests.message("POST /predict", field, body: bytes)
        let checkpoints = checkpoints
        return try RequestBody(message, limit: limit, heldBytes ?? self.heldBytes) {
            () throws(Refusal) in try checkpoints.pass()
        }
    }

    /// All that can be read.
    private func whole(_ body: RequestBody) -> [UInt8] {
        var bytes: [UInt8] = []
        while body.hasMore { body.read(into: &bytes) }
        return bytes
    }

    private static func content(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    }

    private static func gzip(_ body: [UInt8]) throws -> [UInt8] {
        let encoder = try #require(GzipEncoder())
        return try #require(encoder.encode(body))
    }

    @Test(
        arguments: [nil, "identity", "gzip"],
        [0, 1, piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 7])
    func `a body comes in pieces, all of it`(coding: String?, count: Int) throws {
        let content = Self.content(count)
        let sent = coding == "gzip" ? try Self.gzip(content) : content
        let body = try body(sent, coding: coding)
        var pieces: [[UInt8]] = []
        while body.hasMore {
            var piece: [UInt8] = []
            body.read(into: &piece)
            pieces.append(piece)
        }
        #expect(Array(pieces.joined()) == content)
        #expect(pieces.allSatisfy { $0.count <= Self.piece })
        #expect(body.readBytes == count && body.failure == nil)
        #expect(body.byteCount == (coding == "gzip" ? nil : count))
        #expect(body.maxByteCount >= count)
        var rest: [UInt8] = [1]
        body.read(into: &rest)
        #expect(rest == [1])
    }

    @Test func `pieces are appended`() throws {
        let content = Self.content(2 * Self.piece + 1)
        var bytes: [UInt8] = [9]
        let body = try body(content)
        while body.hasMore { body.read(into: &bytes) }
        #expect(bytes == [9] + content)
    }

    @Test(arguments: [(0, 0), (piece, 0), (piece + 1, 1), (2 * piece, 1), (2 * piece + 1, 2)])
    func `a plain body asks between pieces`(count: Int, expected: Int) throws {
        _ = whole(try body(Self.content(count)))
        #expect(checkpoints.count == expected)
    }

    @Test func `a coded body asks while it is inflated`() throws {
        let coded = try Self.gzip([UInt8](repeating: 0x20, count: 8 << 20))
        let body = try body(coded, coding: "gzip")
        #expect(whole(body).count == 8 << 20 && body.failure == nil)
        #expect(checkpoints.count >= (8 << 20) / Self.piece - 1)
    }

    /// A megabyte of members with nothing in them.
    @Test func `coded bytes without content are taken in pieces as well`() throws {
        let empty = try Self.gzip([])
        let coded = [[UInt8]](repeating: empty, count: (1 << 20) / empty.count).joined()
        let body = try body(Array(coded), coding: "gzip")
        #expect(whole(body) == [] && body.failure == nil)
        #expect(checkpoints.count >= (1 << 20) / Self.piece - 1)
    }

    @Test(arguments: 0...2) func `reading ends where it is of no use`(limit: Int) throws {
        checkpoints.limit = limit
        let body = try body(Self.content(4 * Self.piece))
        #expect(whole(body).count == (1 + limit) * Self.piece)
        #expect(body.failure?.code == Refusal.deadline.code)
        #expect(body.readBytes == (1 + limit) * Self.piece)
    }

    @Test(arguments: [
        ("gzip", 400, "malformed_content_coding"), ("deflate", 400, "malformed_content_coding"),
        ("br", 415, "unsupported_content_encoding"),
    ])
    func `a body that is not in its coding is refused`(
        coding: String, status: Int, code: String
    ) throws {
        for bytes in [[], [0], Self.content(3000)] as [[UInt8]] {
            var found: Refusal?
            do {
                let body = try body(bytes, coding: coding)
                _ = whole(body)
                found = body.failure
            } catch let refusal as Refusal {
                found = refusal
            }
            #expect(found?.status == status && found?.code == code)
        }
    }

    @Test(arguments: -1...1) func `the limit is that of the decoded body`(excess: Int) throws {
        let coded = try Self.gzip(Self.content(1000 + excess))
        let body = try body(coded, coding: "gzip", limit: 1000)
        let found = whole(body).count
        #expect(excess > 0 ? body.failure?.status == 413 : found == 1000 + excess)
        #expect((body.failure == nil) == (excess <= 0))
    }

    // MARK: Bytes held

    /// Two bytes for each that was read, until the body goes.
    @Test(arguments: [0, 1, piece, 2 * piece + 5]) func `what is read is held`(count: Int) throws {
        do {
            let body = try body(Self.content(count))
            #expect(heldBytes.held == 0)
            var bytes: [UInt8] = []
            body.read(into: &bytes)
            #expect(heldBytes.held == 2 * min(count, Self.piece))
            _ = whole(body)
            #expect(heldBytes.held == 2 * count)
        }
        #expect(heldBytes.held == 0)
    }

    @Test(arguments: -1...1) func `a body without room is refused`(excess: Int) throws {
        let heldBytes = HeldBytes(limit: 4 * Self.piece - excess)
        do {
            let body = try body(Self.content(2 * Self.piece), heldBytes)
            _ = whole(body)
            #expect(body.failure?.code == (excess > 0 ? "out_of_room" : nil))
            #expect(body.failure?.status == (excess > 0 ? 503 : nil))
            #expect(heldBytes.held == (excess > 0 ? 2 : 4) * Self.piece)
        }
        #expect(heldBytes.held == 0)
    }

    @Test func `a body that is of no use gives all back`() throws {
        checkpoints.limit = 1
        do {
            let body = try body(Self.content(4 * Self.piece))
            _ = whole(body)
            #expect(heldBytes.held == 4 * Self.piece)
        }
        #expect(heldBytes.held == 0)
    }

    // MARK: Sizes

    private func size(_ count: Int, coding: String?, maxBodyBytes: Int = 64 << 20) throws
        -> ReadingSize
    {
        let field = coding.map { "Content-Encoding: \($0)\r\n" } ?? ""
        return ReadingSize(
            try Requests.message("POST /predict", field, body: [UInt8](repeating: 0, count: count)),
            maxBodyBytes: maxBodyBytes)
    }

    @Test func `a plain body is as long as it is`() throws {
        let times = ByteTimes(start: 4)
        let entry = try size(5 << 20, coding: nil).entry(times, quantum: 4_000_000)
        #expect(entry.rows == 1 && entry.expected == 20 << 20 && entry.bytes == 20 << 20)
    }

    /// At the highest ratio, 1,032, and 4 ns a byte.
    @Test(arguments: ["gzip", "deflate", "br"])
    func `a coded body may be as long as its coding allows`(coding: String) throws {
        let times = ByteTimes(start: 4)
        let entry = try size(100, coding: coding).entry(times, quantum: 4_000_000)
        #expect(entry.expected == 4 * 103_200 && entry.bytes == 4 * 103_200)
        let longest = try size(100_000, coding: coding).entry(times, quantum: 4_000_000)
        #expect(longest.bytes == 256 << 20)
    }

    /// 4,128 ns for a coded byte: 968 of them are expected to take less than a quantum.
    @Test(arguments: [(968, true), (969, false), (970, false)])
    func `of a longer one nothing is known`(count: Int, isKnown: Bool) throws {
        let entry = try size(count, coding: "gzip").entry(
            ByteTimes(start: 4), quantum: 4_000_000)
        #expect((entry.expected != nil) == isKnown)
    }
}
