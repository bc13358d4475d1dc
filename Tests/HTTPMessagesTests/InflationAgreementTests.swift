import CZlib
import Fixtures
import Testing

@testable import HTTPMessages

/// Bodies, whole and broken, in any pieces, against zlib with its own checks.
@Suite struct InflationAgreementTests {
    private typealias Outcome = Result<[UInt8], ContentCodingError>

    @Test(arguments: 0..<16) func `zlib alone says the same`(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        var accepted = 0
        for _ in 0..<250 {
            let coding: ContentCoding = Bool.random(using: &random) ? .gzip : .deflate
            let body = try RandomBody(coding, &random).bytes
            let expected = Self.byZlib(body, coding)
            let found = Self.byInflater(body, coding, &random)
            if case .success = found { accepted += 1 }
            if case .failure(.malformed) = expected, case .failure(.truncated) = found {
                // zlib knows a wrong sum before all of the trailer has come.
                let longer = body + [UInt8](repeating: 0, count: 8)
                #expect(Self.byInflater(longer, coding, &random) == .failure(.malformed))
            } else {
                #expect(found == expected)
            }
        }
        #expect(accepted > 50 && accepted < 240)
    }

    private static let limit = 150_000

    private static func byInflater(
        _ body: [UInt8], _ coding: ContentCoding, _ random: inout SeededRandom
    ) -> Outcome {
        var (pieces, start): ([[UInt8]], Int) = ([], 0)
        let most = [1, 30, 3000, 100_000].randomElement(using: &random) ?? 1
        while start < body.count {
            let end = min(body.count, start + Int.random(in: 1...most, using: &random))
            pieces.append(Array(body[start..<end]))
            start = end
        }
        do throws(ContentCodingError) {
            return .success(try inflated(pieces, coding, limit: limit))
        } catch {
            return .failure(error)
        }
    }

    private static func byZlib(_ body: [UInt8], _ coding: ContentCoding) -> Outcome {
        var stream = unsafe z_stream()
        var body = body
        var room = [UInt8](repeating: 0, count: limit + 1)
        unsafe czlib_inflate_init(&stream, coding == .gzip ? MAX_WBITS + 16 : MAX_WBITS)
        defer { unsafe inflateEnd(&stream) }
        let error: ContentCodingError? = unsafe body.withUnsafeMutableBufferPointer { body in
            unsafe room.withUnsafeMutableBufferPointer { room in
                unsafe stream.next_in = body.baseAddress
                unsafe stream.avail_in = UInt32(body.count)
                unsafe stream.next_out = room.baseAddress
                unsafe stream.avail_out = UInt32(room.count)
                while true {
                    let status = unsafe inflate(&stream, Z_NO_FLUSH)
                    if unsafe stream.avail_out == 0 { return .tooLong(limit: limit) }
                    if status == Z_OK || status == Z_BUF_ERROR { return .truncated }
                    guard status == Z_STREAM_END else { return .malformed }
                    if unsafe stream.avail_in == 0 { return nil }
                    guard coding == .gzip, unsafe stream.next_in.pointee == 0x1f else {
                        return .trailingBytes
                    }
                    unsafe inflateReset(&stream)
                }
            }
        }
        if let error { return .failure(error) }
        return .success(Array(room.dropLast(Int(unsafe stream.avail_out))))
    }
}
