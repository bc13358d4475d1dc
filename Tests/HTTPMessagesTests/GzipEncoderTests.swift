import Fixtures
import HTTPTypes
import Testing

@testable import HTTPMessages

/// Compression in pieces.
@Suite struct GzipEncoderTests {
    private static let piece = GzipEncoder.pieceBytes

    /// Kinds of bodies, from one that is nearly all matches to one without any.
    enum Content: CaseIterable {
        case zeros, numbers, noise

        func body(_ count: Int, seed: UInt64) -> [UInt8] {
            var random = SeededRandom(seed: seed)
            return switch self {
            case .zeros: [UInt8](repeating: 0, count: count)
            case .numbers:
                (0..<count).map { _ in
                    UInt8(ascii: "0") + UInt8.random(in: 0..<10, using: &random)
                }
            case .noise: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
        }
    }

    private static func content(_ coded: [UInt8]) throws -> [UInt8] {
        try inflated([coded], .gzip, limit: 1 << 24)
    }

    /// A body that is compressed at once is the reference.
    @Test(
        arguments: Content.allCases,
        [
            0, 1, piece - 1, piece, piece + 1, 2 * piece - 1, 2 * piece, 2 * piece + 1,
            5 * piece + 4321,
        ])
    func `pieces change no byte`(content: Content, count: Int) throws {
        let encoder = try #require(GzipEncoder())
        let body = content.body(count, seed: UInt64(count))
        let whole = try #require(encoder.encode(body, pieceBytes: .max) {})
        for pieceBytes in [Self.piece, 1 + count / 2, max(1, count - 1), 1000] {
            #expect(encoder.encode(body, pieceBytes: pieceBytes) {} == whole)
        }
        #expect(encoder.encode(body) == whole)
        #expect(try Self.content(whole) == body)
    }

    @Test(arguments: [(0, 0), (piece, 0), (piece + 1, 1), (2 * piece, 1), (2 * piece + 1, 2)])
    func `the caller is asked between pieces`(count: Int, expected: Int) throws {
        let encoder = try #require(GzipEncoder())
        var calls = 0
        _ = encoder.encode([UInt8](repeating: 1, count: count)) { calls += 1 }
        #expect(calls == expected)
    }

    @Test func `a message in pieces is the message`() throws {
        let encoder = try #require(GzipEncoder())
        let body = Content.numbers.body(3 * Self.piece, seed: 1)
        var (whole, pieces) = (
            HTTPResponseMessage(status: .ok, body: body),
            HTTPResponseMessage(status: .ok, body: body)
        )
        whole.gzip(with: encoder)
        var calls = 0
        pieces.gzip(with: encoder) { calls += 1 }
        #expect(pieces == whole && calls == 2)
    }
}
