import HTTPTypes
import Testing

@testable import HTTPMessages

private let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"

/// The memory that a connection reports, and the refusal of a body without room for it.
@Suite struct MemoryTests {
    @Test func `held bytes are the body, then the answer, until it has left`() {
        let driver = ConnectionDriver()
        driver.flushes = false
        driver.receive(head + "12345")
        #expect(driver.machine.heldBytes == 5)
        driver.receive("67890")
        #expect(driver.machine.heldBytes == 10, "the body counts while its answer is due")
        driver.respond(driver.asked[0])
        #expect(driver.machine.heldBytes == driver.output.count)
        driver.progress(7)
        #expect(driver.machine.heldBytes == 7)
        driver.flush()
        #expect(driver.machine.heldBytes == 0)
    }

    @Test func `answers that wait for their turn and the backlog count`() {
        var limits = HTTPLimits()
        limits.maxPipelinedRequests = 2
        let driver = ConnectionDriver(limits: limits)
        let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        driver.receive(get + get + get)
        #expect(driver.machine.heldBytes == get.utf8.count)
        driver.respond(driver.asked[1], body: [UInt8](repeating: 0, count: 100))
        #expect(driver.machine.heldBytes == get.utf8.count + 100)
        driver.respond(driver.asked[0])
        #expect(driver.machine.heldBytes == 0)
    }

    @Test func `a body that is shed is a 503 and is not kept`() {
        let driver = ConnectionDriver()
        driver.receive(head + "12345")
        #expect(driver.machine.arrivingBodyBytes == 5)
        driver.shedBody()
        #expect(driver.machine.arrivingBodyBytes == 0)
        #expect(driver.errors == [.outOfRoom])
        #expect(driver.errors.first?.status == 503)
        #expect(driver.machine.heldBytes == 0)
        driver.shedBody()
        driver.receive("67890" + head)
        #expect(driver.asked.count == 1)
        driver.respond(driver.asked[0], status: .serviceUnavailable)
        #expect(driver.text.contains("Connection: close"))
        #expect(driver.hasFinishedWriting && !driver.isClosed)
    }

    @Test func `there is nothing to shed outside of a body`() {
        let driver = ConnectionDriver()
        driver.shedBody()
        driver.receive("POST / HT")
        driver.shedBody()
        #expect(driver.errors.isEmpty)
        driver.receive("TP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
        driver.shedBody()
        #expect(driver.errors.isEmpty)
        #expect(driver.dispatched.count == 1)
    }
}
