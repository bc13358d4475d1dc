import Fixtures
import Testing

@testable import HTTPMessages

@Suite struct FuzzTests {
    /// Pieces that reach deep states far more often than random bytes do.
    private static let pieces = [
        "GET ", "POST ", "/", "?", "%41", " HTTP/1.1", " HTTP/1.0", "\r\n", "\r", "\n", "Host: a",
        "Content-Length: ", "3", "Transfer-Encoding: chunked", "Expect: 100-continue", ":", " ",
        "0\r\n\r\n", "a\r\n", ";x=\"y\"", "\0", "Connection: close", "\u{80}", "abc", "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    ]

    private func stream(_ random: inout SeededRandom) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...24, using: &random) {
            if Int.random(in: 0..<8, using: &random) == 0 {
                bytes.append(UInt8.random(in: 0...255, using: &random))
            } else {
                bytes += (Self.pieces.randomElement(using: &random) ?? "").utf8
            }
        }
        return bytes
    }

    @Test(arguments: 0..<20) func `random streams mean the same however they are cut`(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        for _ in 0..<100 {
            let bytes = stream(&random)
            let cuts = (0..<3).map { _ in Int.random(in: 0...bytes.count, using: &random) }
            let whole = parse(bytes)
            #expect(parse(bytes, cuts: cuts.sorted()) == whole)
            #expect(parse(bytes, cuts: Array(0..<bytes.count)) == whole)
        }
    }

    @Test(arguments: 0..<20) func `a mutated good stream never traps a connection`(seed: Int) {
        var random = SeededRandom(seed: UInt64(1000 + seed))
        for _ in 0..<100 {
            var bytes = Array(persistentStream.utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            let driver = ConnectionDriver()
            driver.receive(bytes)
            while let id = driver.waiting.first { driver.respond(id) }
            driver.eof()
            while let id = driver.waiting.first { driver.respond(id) }
            #expect(driver.answered == driver.asked)
            #expect(driver.isClosed)
        }
    }
}
