import Testing

@testable import HTTPMessages

private let plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite struct DrainTests {
    private let grace = HTTPLimits().drainGrace

    @Test(arguments: [false, true])
    func `an idle connection stays open for half a second, and closes without a word`(
        isUsed: Bool
    ) {
        #expect(grace == 500_000_000)
        let driver = ConnectionDriver()
        if isUsed {
            driver.receive(plain)
            driver.respond(driver.asked[0])
        }
        let before = driver.output
        driver.drain()
        driver.advance(to: 1_000 + grace - 1)
        #expect(!driver.isClosed)
        driver.advance(to: 1_000 + grace)
        #expect(driver.isClosed)
        #expect(driver.output == before)
    }

    @Test func `a request that was on its way is answered, with close, and is the last`() {
        let driver = ConnectionDriver()
        driver.drain()
        driver.advance(to: 1_000 + grace - 1)
        driver.receive(plain + plain)
        #expect(driver.asked.count == 1)
        driver.advance(to: 1_000 + 10 * grace)
        #expect(!driver.isClosed, "it waits for its answer")
        driver.respond(driver.asked[0])
        #expect(driver.text.components("Connection: close") == 1)
        #expect(driver.hasFinishedWriting)
        driver.receive(plain)
        #expect(driver.asked.count == 1)
    }

    @Test func `half a second does not cut a request off that is arriving`() {
        let driver = ConnectionDriver()
        driver.drain()
        driver.receive("GET / HT")
        driver.advance(to: 1_000 + grace)
        #expect(!driver.isClosed)
        driver.receive("TP/1.1\r\nHost: a\r\n\r\n")
        driver.respond(driver.asked[0])
        #expect(driver.text.contains("Connection: close"))
    }

    @Test func `an answer under way is flushed before the connection closes`() {
        let driver = ConnectionDriver()
        driver.flushes = false
        driver.receive(plain)
        driver.respond(driver.asked[0])
        driver.drain()
        driver.advance(to: 1_000 + grace)
        #expect(!driver.isClosed)
        driver.flush()
        driver.advance(to: 1_001 + grace)
        #expect(driver.isClosed)
    }

    @Test func `an idle timeout that comes first holds`() {
        var limits = HTTPLimits()
        limits.idleTimeout = 10
        let driver = ConnectionDriver(limits: limits)
        driver.drain()
        driver.advance(to: 1_010)
        #expect(driver.isClosed)
    }

    @Test func `requests in flight are answered, the last one with close`() {
        let driver = ConnectionDriver()
        driver.receive(plain + plain)
        driver.drain()
        driver.receive(plain)
        #expect(driver.asked.count == 2)
        driver.respond(driver.asked[0])
        #expect(!driver.text.contains("Connection: close"))
        driver.respond(driver.asked[1])
        #expect(driver.text.components("Connection: close") == 1)
        #expect(bodies(driver.text) == ["<0>", "<1>"])
        #expect(driver.hasFinishedWriting)
    }

    @Test func `a request that is arriving may finish`() {
        let driver = ConnectionDriver()
        driver.receive("GET / HT")
        driver.drain()
        #expect(!driver.isClosed)
        driver.receive("TP/1.1\r\nHost: a\r\n\r\n" + plain)
        #expect(driver.asked.count == 1)
        driver.respond(driver.asked[0])
        #expect(driver.text.contains("Connection: close"))
    }

    @Test func `requests that were held back are not begun`() {
        var limits = HTTPLimits()
        limits.maxPipelinedRequests = 1
        let driver = ConnectionDriver(limits: limits)
        driver.receive(plain + plain)
        driver.drain()
        driver.respond(driver.asked[0])
        #expect(driver.asked.count == 1)
        #expect(driver.text.contains("Connection: close"))
        #expect(driver.hasFinishedWriting)
    }
}
