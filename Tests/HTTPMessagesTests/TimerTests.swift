import HTTPTypes
import Testing

@testable import HTTPMessages

private let plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/// Every deadline one nanosecond before and at its time, on a clock the test moves.
@Suite struct TimerTests {
    private let limits = HTTPLimits()

    @Test func `an idle connection closes without a word`() {
        var driver = ConnectionDriver()
        driver.advance(to: 1_000 + limits.idleTimeout - 1)
        #expect(!driver.isClosed)
        driver.advance(to: 1_000 + limits.idleTimeout)
        #expect(driver.isClosed)
        #expect(driver.output.isEmpty)
    }

    @Test func `idleness counts from the last answer's flush`() {
        var driver = ConnectionDriver()
        driver.receive(plain)
        driver.advance(to: 10 * limits.idleTimeout)
        #expect(!driver.isClosed, "a connection that waits for its answer is not idle")
        driver.respond(driver.asked[0])
        driver.advance(to: 11 * limits.idleTimeout - 1)
        #expect(!driver.isClosed)
        driver.advance(to: 11 * limits.idleTimeout)
        #expect(driver.isClosed)
    }

    @Test func `a slow header section is a 408, however it drips`() {
        var driver = ConnectionDriver()
        driver.advance(to: 5_000)
        for (index, byte) in "GET / H".utf8.enumerated() {
            driver.advance(to: 5_000 + UInt64(index) * .second)
            driver.receive([byte])
        }
        driver.advance(to: 5_000 + limits.headerTimeout - 1)
        #expect(driver.errors.isEmpty)
        driver.advance(to: 5_000 + limits.headerTimeout)
        #expect(driver.errors == [.headerTimeout(nanoseconds: limits.headerTimeout)])
        #expect(driver.errors.first?.status == 408)
        driver.respond(driver.asked[0], status: .requestTimeout)
        #expect(driver.hasFinishedWriting)
    }

    @Test func `a slow body is a 408, later for the bytes that came`() {
        var driver = ConnectionDriver()
        driver.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        driver.advance(to: 2_000)
        driver.receive([UInt8](repeating: 0, count: Int(limits.bodyBytesPerSecond) * 3))
        let due = 1_000 + limits.bodyTimeout + 3 * .second
        driver.advance(to: due - 1)
        #expect(driver.errors.isEmpty)
        driver.advance(to: due)
        #expect(driver.errors == [.bodyTimeout(nanoseconds: limits.bodyTimeout)])
        #expect(driver.errors.first?.status == 408)
    }

    @Test func `a peer that takes nothing is aborted, one that takes something is not`() {
        var driver = ConnectionDriver()
        driver.flushes = false
        driver.receive(plain)
        driver.respond(driver.asked[0])
        driver.advance(to: 1_000 + limits.writeTimeout - 1)
        driver.progress(1)
        driver.advance(to: 1_000 + 2 * limits.writeTimeout - 2)
        #expect(!driver.isClosed)
        driver.advance(to: 1_000 + 2 * limits.writeTimeout - 1)
        #expect(driver.isAborted)
    }

    @Test func `closing waits no longer than the write timeout`() {
        var driver = ConnectionDriver()
        driver.flushes = false
        driver.receive("GET / HTTP/1.0\r\n\r\n")
        driver.respond(driver.asked[0])
        #expect(driver.isClosed && !driver.isAborted)
        driver.isClosed = false
        driver.advance(to: 1_000 + limits.writeTimeout)
        #expect(driver.isAborted)
    }

    @Test func `lingering ends, counted from the flush`() {
        var driver = ConnectionDriver()
        driver.flushes = false
        driver.receive("\0")
        driver.respond(driver.asked[0], status: .badRequest)
        driver.advance(to: 6_000)
        driver.flush()
        driver.advance(to: 6_000 + limits.lingerTimeout - 1)
        driver.receive("more")
        #expect(!driver.isClosed)
        driver.advance(to: 6_000 + limits.lingerTimeout)
        #expect(driver.isClosed)
    }

    @Test func `a timer that fires early is only set again`() {
        var machine = ServerConnection(limits: limits, now: 0)
        let set = machine.start()
        #expect(set == [.setTimer(at: limits.idleTimeout)])
        #expect(machine.timerFired(now: 1) == set)
    }
}
