import CZlib
import Fixtures
import Testing

@testable import HTTPMessages

/// A body as zlib codes it in one way or another, of one member or several; every other one is then
/// broken.
struct RandomBody {
    private(set) var bytes: [UInt8] = []

    init(_ coding: ContentCoding, _ random: inout SeededRandom) throws {
        let members = coding == .gzip ? Int.random(in: 1...3, using: &random) : 1
        for _ in 0..<members {
            let content = Self.content(&random)
            if coding == .gzip {
                bytes += Self.header(&random)
                bytes += try Self.deflated(content, &random) + RFCSums.gzipTrailer(content)
            } else {
                bytes += [0x78, 0x9c]
                bytes += try Self.deflated(content, &random) + RFCSums.zlibTrailer(content)
            }
        }
        breakIt(&random)
    }

    /// Random bytes with repetitions of what came before.
    private static func content(_ random: inout SeededRandom) -> [UInt8] {
        let length = Int.random(
            in: 0...([0, 50, 3000, 60_000].randomElement(using: &random) ?? 0),
            using: &random)
        let alphabet = UInt8.random(in: 0...255, using: &random)
        var content: [UInt8] = []
        while content.count < length {
            if content.isEmpty || Bool.random(using: &random) {
                content.append(UInt8.random(in: 0...alphabet, using: &random))
            } else {
                let start = Int.random(
                    in: max(0, content.count - 33_000)..<content.count,
                    using: &random)
                content += content[start..<min(content.count, start + 300)]
            }
        }
        return Array(content.prefix(length))
    }

    /// A header with any of its optional fields.
    private static func header(_ random: inout SeededRandom) -> [UInt8] {
        let flags =
            UInt8.random(in: 0..<32, using: &random) & UInt8.random(in: 0..<32, using: &random)
        var header: [UInt8] = [0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255]
        let field = [UInt8](repeating: 7, count: Int.random(in: 0...300, using: &random))
        if flags & 4 != 0 { header += [UInt8(field.count & 255), UInt8(field.count >> 8)] + field }
        for flag: UInt8 in [8, 16] where flags & flag != 0 { header += field + [0] }
        guard flags & 2 != 0 else { return header }
        let sum = RFCSums.crc32(header)
        return header + [UInt8(sum & 255), UInt8(sum >> 8 & 255)]
    }

    private static func deflated(
        _ content: [UInt8], _ random: inout SeededRandom
    ) throws -> [UInt8] {
        var content = content
        var stream = unsafe z_stream()
        let status = unsafe czlib_deflate_init(
            &stream, .random(in: 0...9, using: &random), -MAX_WBITS,
            .random(in: 1...9, using: &random), .random(in: 0...4, using: &random))
        try #require(status == Z_OK)
        defer { unsafe deflateEnd(&stream) }
        var coded = [UInt8](
            repeating: 0, count: Int(unsafe deflateBound(&stream, UInt(content.count))))
        unsafe content.withUnsafeMutableBufferPointer { content in
            unsafe coded.withUnsafeMutableBufferPointer { coded in
                unsafe stream.next_in = content.baseAddress
                unsafe stream.avail_in = UInt32(content.count)
                unsafe stream.next_out = coded.baseAddress
                unsafe stream.avail_out = UInt32(coded.count)
                unsafe deflate(&stream, Z_FINISH)
            }
        }
        return Array(coded.dropLast(Int(unsafe stream.avail_out)))
    }

    private mutating func breakIt(_ random: inout SeededRandom) {
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1:
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                // Bits of headers and trailers more often than those between.
                let places = [
                    0..<min(20, bytes.count), 0..<bytes.count,
                    max(0, bytes.count - 10)..<bytes.count,
                ]
                let place = places.randomElement(using: &random) ?? 0..<1
                bytes[Int.random(in: place, using: &random)] ^=
                    1
                    << UInt8.random(
                        in: 0..<8, using: &random)
            }
        case 2: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
        case 3:
            bytes += (0..<Int.random(in: 1...20, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
        default: break
        }
    }
}
