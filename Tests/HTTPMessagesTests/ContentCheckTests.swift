import Fixtures
import Testing

@testable import HTTPMessages

/// The sums of coded bodies, against their definitions.
@Suite struct ContentCheckTests {
    /// Lengths around those of vectors, of what is folded together, and of the bytes after which
    /// Adler-32 takes a remainder.
    private static let lengths =
        Array(0...160) + [255, 256, 257, 5535, 5536, 5551, 5552, 5553, 5568, 11_104, 70_000]

    /// Contents that are as different as can be for sums.
    private func contents(_ length: Int) -> [[UInt8]] {
        var random = SeededRandom(seed: UInt64(length))
        let any = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        return [any, .init(repeating: 0xff, count: length), .init(repeating: 0, count: length)]
    }

    private func holds(
        _ content: [UInt8], in pieces: Int, behind coded: [UInt8], isGzip: Bool
    ) -> Bool {
        var check = ContentCheck(isGzip: isGzip)
        for start in stride(from: 0, to: content.count, by: pieces) {
            let end = min(content.count, start + pieces)
            check.add(content.span.extracting(start..<end))
        }
        check.pass(coded.span)
        return check.holds
    }

    @Test(arguments: lengths) func `sums of every length are right`(length: Int) {
        for content in contents(length) {
            for (isGzip, trailer) in [
                (true, RFCSums.gzipTrailer(content)), (false, RFCSums.zlibTrailer(content)),
            ] {
                for pieces in [max(1, length), 64, 1000] {
                    #expect(holds(content, in: pieces, behind: trailer, isGzip: isGzip))
                }
                #expect(holds(content, in: 7, behind: [9, 9, 9] + trailer, isGzip: isGzip))
                #expect(!holds(content + [1], in: 999, behind: trailer, isGzip: isGzip))
            }
        }
    }

    @Test(arguments: [true, false]) func `every bit of the trailer counts`(isGzip: Bool) {
        let content = Array("content".utf8)
        let trailer =
            isGzip ? RFCSums.gzipTrailer(content) : RFCSums.zlibTrailer(content)
        for bit in 0..<8 * trailer.count {
            var wrong = trailer
            wrong[bit / 8] ^= 1 << (bit % 8)
            #expect(!holds(content, in: 3, behind: wrong, isGzip: isGzip))
        }
    }

    /// A trailer may come in any pieces.
    @Test func `the coded bytes may be cut anywhere`() {
        let content = Array("content".utf8)
        let coded = [1, 2, 3] + RFCSums.gzipTrailer(content)
        for first in 0...coded.count {
            for second in first...coded.count {
                var check = ContentCheck(isGzip: true)
                check.add(content.span)
                for piece in [0..<first, first..<second, second..<coded.count] {
                    check.pass(coded.span.extracting(piece))
                }
                #expect(check.holds)
            }
        }
    }
}
