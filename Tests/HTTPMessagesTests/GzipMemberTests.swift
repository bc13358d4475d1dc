import Fixtures
import Testing

@testable import HTTPMessages

/// Bodies of several gzip members (RFC 1952 §2.2): their contents, one after the other, are the
/// body.
@Suite struct GzipMemberTests {
    private let encoder: GzipEncoder

    init() throws { encoder = try #require(GzipEncoder()) }

    private func member(_ content: some Sequence<UInt8>) throws -> [UInt8] {
        try #require(encoder.encode(Array(content)))
    }

    private func decode(
        _ pieces: [[UInt8]], limit: Int = 1 << 20
    ) throws(ContentCodingError) -> [UInt8] {
        try inflated(pieces, .gzip, limit: limit)
    }

    @Test(arguments: [1, 2, 3, 7, 64, 1000])
    func `members are one body, wherever it was cut`(size: Int) throws {
        let body = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) }
        let coded = try stride(from: 0, to: body.count, by: size).flatMap { start in
            try member(body[start..<min(body.count, start + size)])
        }
        #expect(try decode([coded]) == body)
        #expect(try decode(coded.map { [$0] }) == body)
    }

    @Test func `members may be empty`() throws {
        let (empty, full) = (try member([]), try member([1, 2, 3]))
        #expect(try decode([empty]) == [])
        #expect(try decode([empty + empty]) == [])
        #expect(try decode([empty + full + empty + full + empty]) == [1, 2, 3, 1, 2, 3])
        #expect(try decode([empty + empty], limit: 0) == [])
    }

    /// A header of another program, with every optional field: FEXTRA, FNAME, FCOMMENT and FHCRC
    /// (RFC 1952 §2.3.1). CRC16 is the lower half of the header's CRC-32.
    private static let longHeader: [UInt8] = {
        var head: [UInt8] = [0x1f, 0x8b, 8, 0b11110, 1, 2, 3, 4, 0, 3]
        head += [2, 0, 9, 9] + Array("name\0comment\0".utf8)
        let check = RFCSums.crc32(head)
        return head + [UInt8(truncatingIfNeeded: check), UInt8(truncatingIfNeeded: check >> 8)]
    }()

    @Test func `a later member may have any header`() throws {
        let plain = try member(Array("ab".utf8))
        let named = Self.longHeader + plain.dropFirst(10)
        #expect(try decode([plain + named + plain]) == Array("ababab".utf8))
        #expect(try decode((plain + named + plain).map { [$0] }) == Array("ababab".utf8))
    }

    @Test(arguments: 0...2) func `every header and every trailer is checked`(before: Int) throws {
        let plain = try member(Array("ab".utf8))
        let named = Self.longHeader + plain.dropFirst(10)
        let first = [[UInt8]](repeating: named, count: before).flatMap(\.self)
        let header = Self.longHeader.count
        for place in Array(header - 2..<header) + Array(named.count - 8..<named.count) {
            for bit in 0..<8 {
                var wrong = named
                wrong[place] ^= 1 << bit
                for pieces in [[first + wrong + plain], (first + wrong + plain).map { [$0] }] {
                    #expect(throws: ContentCodingError.malformed) { try decode(pieces) }
                }
            }
        }
    }

    @Test func `every truncation but one at a member's end is noticed`() throws {
        let (first, second) = (try member([1, 2]), try member([3]))
        let coded = first + second
        for count in 0..<coded.count {
            if count == first.count {
                #expect(try decode([Array(coded[..<count])]) == [1, 2])
            } else {
                #expect(throws: ContentCodingError.truncated) {
                    try decode([Array(coded[..<count])])
                }
            }
        }
    }

    @Test func `every member is checked`() throws {
        let (first, second) = (try member([1, 2]), try member([3, 4]))
        for index in (second.count - 8)..<second.count {
            var damaged = second
            damaged[index] ^= 1
            #expect(throws: ContentCodingError.malformed) { try decode([first + damaged]) }
            #expect(throws: ContentCodingError.malformed) { try decode([damaged + first]) }
        }
        // Bytes that begin like a member are taken for one.
        #expect(throws: ContentCodingError.malformed) { try decode([first + [0x1f, 0x00]]) }
        #expect(throws: ContentCodingError.truncated) { try decode([first + [0x1f]]) }
    }

    /// On both sides of the limit, and of the buffer that the bytes pass through.
    @Test(arguments: [2, 10, 65_536, 65_537, 100_000], -1...1)
    func `one limit holds for all members together`(limit: Int, excess: Int) throws {
        let body = [UInt8](repeating: 7, count: limit + excess)
        for cut in [0, 1, body.count / 2, body.count - 1, body.count] {
            let coded = try member(body[..<cut]) + member(body[cut...])
            if excess > 0 {
                #expect(throws: ContentCodingError.tooLong(limit: limit)) {
                    try decode([coded], limit: limit)
                }
            } else {
                #expect(try decode([coded], limit: limit) == body)
            }
        }
    }

    @Test(arguments: 0..<10) func `pieces of any size give the same`(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        var (coded, body): ([UInt8], [UInt8]) = ([], [])
        for _ in 0..<Int.random(in: 1...20, using: &random) {
            let content = (0..<Int.random(in: 0...5000, using: &random)).map { _ in
                UInt8.random(in: 0...9, using: &random)
            }
            body += content
            coded += try member(content)
        }
        var (pieces, start): ([[UInt8]], Int) = ([], 0)
        while start < coded.count {
            let end = min(coded.count, start + Int.random(in: 1...3000, using: &random))
            pieces.append(Array(coded[start..<end]))
            start = end
        }
        #expect(try decode(pieces) == body)
    }
}
