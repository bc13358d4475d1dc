import HTTPTypes
import Testing

@testable import HTTPMessages

private let plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite struct BackpressureTests {
    @Test(arguments: -1...1) func `pipelined requests stop reading past the limit`(excess: Int) {
        var limits = HTTPLimits()
        limits.maxPipelinedRequests = 4
        let driver = ConnectionDriver(limits: limits)
        driver.receive(String(repeating: plain, count: 4 + excess))
        #expect(driver.asked.count == min(4, 4 + excess))
        #expect(driver.isPaused == (excess > 0))
        driver.respond(driver.asked[0])
        #expect(driver.asked.count == 4 + excess)
        #expect(!driver.isPaused)
    }

    @Test(arguments: -1...1) func `waiting bodies hold back the next request`(excess: Int) {
        var limits = HTTPLimits()
        limits.maxPipelinedBodyBytes = 10
        let body = String(repeating: "a", count: 10 + excess)
        let driver = ConnectionDriver(limits: limits)
        driver.receive(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(10 + excess)\r\n\r\n\(body)" + plain)
        #expect(driver.asked.count == (excess < 0 ? 2 : 1))
        #expect(driver.isPaused == (excess >= 0))
        driver.respond(driver.asked[0])
        #expect(driver.asked.count == 2)
    }

    @Test(arguments: -1...1) func `unflushed answers hold back the next request`(excess: Int) {
        var limits = HTTPLimits()
        limits.maxUnflushedBytes = 1000
        let driver = ConnectionDriver(limits: limits)
        driver.flushes = false
        driver.receive(plain)
        driver.respond(driver.asked[0])
        driver.progress(1000 + excess)
        driver.receive(plain)
        #expect(driver.asked.count == (excess < 0 ? 2 : 1))
        #expect(driver.isPaused == (excess >= 0))
        driver.progress(999)
        #expect(driver.asked.count == 2)
        #expect(!driver.isPaused)
    }

    /// A loop answers at once and flushes at its turn's end: what one connection gets of a turn is
    /// bounded by this alone.
    @Test(arguments: -1...1) func `so do as many answers as requests may wait`(excess: Int) {
        var limits = HTTPLimits()
        limits.maxPipelinedRequests = 4
        let driver = ConnectionDriver(limits: limits)
        driver.flushes = false
        driver.receive(plain + plain)
        for id in driver.waiting { driver.respond(id) }
        driver.receive(String(repeating: plain, count: 2 + excess))
        #expect(driver.asked.count == min(4, 4 + excess))
        #expect(driver.isPaused == (excess > 0))
        for id in driver.waiting { driver.respond(id) }
        #expect(driver.asked.count == min(4, 4 + excess))
        driver.progress(1)
        #expect(driver.asked.count == min(4, 4 + excess))
        driver.flush()
        #expect(driver.asked.count == 4 + excess)
        #expect(!driver.isPaused)
    }

    @Test func `bytes that come in spite of the pause keep their order`() {
        var limits = HTTPLimits()
        limits.maxPipelinedRequests = 1
        let driver = ConnectionDriver(limits: limits)
        let stream = (0..<5).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
        for byte in stream.utf8 { driver.receive([byte]) }
        while let id = driver.waiting.first { driver.respond(id) }
        #expect(driver.asked.map { driver.dispatched[$0]?.head.path } == (0..<5).map { "/\($0)" })
    }

    @Test func `the peer's end is heeded after what was held back`() {
        var limits = HTTPLimits()
        limits.maxPipelinedRequests = 1
        let driver = ConnectionDriver(limits: limits)
        driver.receive(plain + plain + "GET")
        driver.eof()
        #expect(!driver.isClosed)
        while let id = driver.waiting.first { driver.respond(id) }
        #expect(driver.asked.count == 3)
        #expect(driver.errors == [.truncated])
        #expect(driver.isClosed)
    }

    @Test(arguments: -1...1) func `a lingering connection discards up to its limit`(excess: Int) {
        var limits = HTTPLimits()
        limits.maxLingerBytes = 100
        let driver = ConnectionDriver(limits: limits)
        driver.receive("\0")
        driver.respond(driver.asked[0], status: .badRequest)
        #expect(driver.hasFinishedWriting)
        let before = driver.machine.discardedBytes
        driver.receive([UInt8](repeating: 0, count: 100 - before + excess))
        #expect(driver.isAborted == (excess > 0))
    }

    @Test(arguments: -1...1) func `input after the last request stops at the limit`(excess: Int) {
        var limits = HTTPLimits()
        limits.maxLingerBytes = 100
        let driver = ConnectionDriver(limits: limits)
        driver.receive("GET / HTTP/1.0\r\n\r\n")
        driver.receive([UInt8](repeating: 0, count: 100 + excess))
        #expect(driver.isPaused == (excess > 0))
        driver.respond(driver.asked[0])
        #expect(!driver.isPaused)
    }
}
