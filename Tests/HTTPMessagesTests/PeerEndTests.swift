import HTTPTypes
import Testing

@testable import HTTPMessages

private let plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/// The meaning of the end of a client's input: half a close where it had announced its last
/// request, and a client that has gone otherwise.
@Suite struct PeerEndTests {
    private let last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
    ])
    func `a client that announced its last request is still answered`(last: String) {
        let driver = ConnectionDriver()
        driver.receive(plain + last)
        driver.eof()
        #expect(!driver.isClosed)
        #expect(driver.cancelled.isEmpty)
        driver.respond(driver.asked[1])
        driver.respond(driver.asked[0])
        #expect(bodies(driver.text) == ["<0>", "<1>"])
        #expect(driver.text.components("Connection: close") == 1)
        #expect(driver.isClosed)
        #expect(!driver.isAborted)
    }

    @Test(arguments: [plain, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"])
    func `any other that ends while work is under way has gone`(request: String) {
        let driver = ConnectionDriver()
        driver.receive(request + plain)
        driver.eof()
        #expect(!driver.cancelled.isEmpty)
        #expect(driver.isClosed)
        #expect(driver.waiting.isEmpty)
        #expect(driver.machine.heldBytes == 0)
        for id in driver.asked { driver.respond(id) }
        #expect(driver.output.isEmpty)
        #expect(driver.answered.isEmpty)
    }

    /// An answer that left before the end is flushed, one that waited for its turn is dropped.
    @Test func `what is written already still leaves`() {
        let driver = ConnectionDriver()
        driver.flushes = false
        driver.receive(plain + plain + plain)
        driver.respond(driver.asked[0])
        driver.respond(driver.asked[2])
        driver.eof()
        #expect(!driver.cancelled.isEmpty)
        #expect(driver.isClosed)
        #expect(!driver.isAborted)
        #expect(bodies(driver.text) == ["<0>"])
    }

    @Test func `half a request behind work under way changes nothing`() {
        let driver = ConnectionDriver()
        driver.receive(plain + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
        driver.eof()
        #expect(!driver.cancelled.isEmpty)
        #expect(driver.errors.isEmpty)
        #expect(driver.isClosed)
    }

    /// It may not have known that it would be its last, and no work is under way for it.
    @Test func `a client whose request was refused is told so`() {
        let driver = ConnectionDriver()
        driver.receive("GET / HTTP/1.1\r\n\r\n")
        driver.eof()
        #expect(driver.cancelled.isEmpty)
        driver.respond(driver.asked[0], status: .badRequest)
        #expect(driver.text.hasPrefix("HTTP/1.1 400 "))
        #expect(driver.isClosed)
    }

    @Test func `work before a refused request is given up too`() {
        let driver = ConnectionDriver()
        driver.receive(plain + "GET / HTTP/1.1\r\n\r\n")
        driver.eof()
        #expect(!driver.cancelled.isEmpty)
        driver.respond(driver.asked[1], status: .badRequest)
        #expect(driver.output.isEmpty)
    }

    /// The held-back bytes may end in a request that says `close`, so they are read first.
    @Test(arguments: [false, true]) func `an end behind held-back input waits for it`(
        isAnnounced: Bool
    ) {
        var limits = HTTPLimits()
        limits.maxPipelinedRequests = 1
        let driver = ConnectionDriver(limits: limits)
        driver.receive(plain + plain + (isAnnounced ? last : plain))
        driver.eof()
        #expect(driver.cancelled.isEmpty)
        driver.respond(driver.asked[0])
        #expect(driver.cancelled.isEmpty)
        driver.respond(driver.asked[1])
        #expect(driver.cancelled.isEmpty == isAnnounced)
        #expect(driver.isClosed == !isAnnounced)
        if isAnnounced {
            driver.respond(driver.asked[2])
            #expect(driver.isClosed)
        }
        #expect(bodies(driver.text).count == (isAnnounced ? 3 : 2))
    }
}
