import Testing

@testable import HTTPMessages

private let plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite struct DrainTests {
    @Test func `an idle connection closes at once`() {
        let fresh = ConnectionDriver()
        fresh.drain()
        #expect(fresh.isClosed)
        let used = ConnectionDriver()
        used.receive(plain)
        used.respond(used.asked[0])
        used.drain()
        #expect(used.isClosed)
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
