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
        _ bytes: [UInt8], coding: String? = nil, limit: Int = .max, _ heldBytes: HeldBytes? = nil
    ) throws -> RequestBody {
        let field = coding.map { "Content-Encoding: \($0)\r\n" } ?? ""
        let message = try Requests.message("POST /predict", field, body: bytes)
        let checkpoints = checkpoints
        return RequestBody(message, limit: limit, heldBytes ?? self.heldBytes) {
            () throws(Refusal) in try checkpoints.pass()
        }
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
        while let piece = try body.next() { pieces.append(Array(piece)) }
        #expect(Array(pieces.joined()) == content)
        #expect(pieces.dropLast().allSatisfy { $0.count == Self.piece })
        #expect(pieces.allSatisfy { (1...Self.piece).contains($0.count) })
        #expect(body.readBytes == count)
        #expect(try body.next() == nil && body.joined() == content)
    }

    @Test(arguments: [0, 1, 2 * piece + 1]) func `joined it is the same`(count: Int) throws {
        let content = Self.content(count)
        #expect(try body(content).joined() == content)
        #expect(try body(try Self.gzip(content), coding: "gzip").joined() == content)
    }

    /// Between pieces, and for a coded body between kibibytes of its coding too.
    @Test(arguments: [(0, 0), (piece, 0), (piece + 1, 1), (2 * piece, 1), (2 * piece + 1, 2)])
    func `a plain body asks between pieces`(count: Int, expected: Int) throws {
        _ = try body(Self.content(count)).joined()
        #expect(checkpoints.count == expected)
    }

    @Test func `a coded body asks while it is inflated`() throws {
        let coded = try Self.gzip([UInt8](repeating: 0x20, count: 8 << 20))
        _ = try body(coded, coding: "gzip").joined()
        let expected = (coded.count - 1) / RequestBody.codedBytes + (8 << 20) / Self.piece - 1
        #expect(checkpoints.count == expected && coded.count > 8 * RequestBody.codedBytes)
    }

    @Test(arguments: 0...2) func `reading ends where it is of no use`(limit: Int) throws {
        checkpoints.limit = limit
        let body = try body(Self.content(4 * Self.piece))
        #expect(throws: Refusal.self) { try body.joined() }
        #expect(body.readBytes == (1 + limit) * Self.piece)
    }

    @Test(arguments: [
        ("gzip", 400, "malformed_content_coding"), ("deflate", 400, "malformed_content_coding"),
        ("br", 415, "unsupported_content_encoding"),
    ])
    func `what is not in its coding is refused`(coding: String, status: Int, code: String) throws {
        for bytes in [[], [0], Self.content(3000)] as [[UInt8]] {
            let body = try body(bytes, coding: coding)
            do throws(Refusal) {
                _ = try body.next()
                Issue.record("it is refused")
            } catch {
                #expect(error.status == status && error.code == code)
            }
        }
    }

    @Test(arguments: -1...1) func `the limit is that of the decoded body`(excess: Int) throws {
        let coded = try Self.gzip(Self.content(1000 + excess))
        let body = try body(coded, coding: "gzip", limit: 1000)
        do throws(Refusal) {
            #expect(try body.joined().count == 1000 + excess && excess <= 0)
        } catch {
            #expect(error.status == 413 && excess > 0)
        }
    }

    // MARK: Bytes held

    /// Two bytes for each that was read, until the body goes.
    @Test(arguments: [0, 1, piece, 2 * piece + 5]) func `what is read is held`(count: Int) throws {
        do {
            let body = try body(Self.content(count))
            #expect(heldBytes.held == 0)
            _ = try body.next()
            #expect(heldBytes.held == 2 * min(count, Self.piece))
            _ = try body.joined()
            #expect(heldBytes.held == 2 * count)
        }
        #expect(heldBytes.held == 0)
    }

    @Test(arguments: -1...1) func `what has no room is refused`(excess: Int) throws {
        let heldBytes = HeldBytes(limit: 4 * Self.piece - excess)
        do {
            let body = try body(Self.content(3 * Self.piece), nil, heldBytes)
            _ = try body.next()
            do throws(Refusal) {
                _ = try body.next()
                #expect(excess <= 0)
            } catch {
                #expect(error.status == 503 && error.code == "out_of_room" && excess > 0)
            }
            #expect(body.readBytes == (excess > 0 ? 1 : 2) * Self.piece)
            #expect(heldBytes.held == 2 * body.readBytes)
        }
        #expect(heldBytes.held == 0)
    }

    private func body(
        _ bytes: [UInt8], _ coding: String?, _ heldBytes: HeldBytes
    ) throws -> RequestBody {
        try body(bytes, coding: coding, limit: .max, heldBytes)
    }

    @Test func `a body that is refused or of no use gives all back`() throws {
        checkpoints.limit = 1
        do {
            let body = try body(Self.content(4 * Self.piece))
            #expect(throws: Refusal.self) { try body.joined() }
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
