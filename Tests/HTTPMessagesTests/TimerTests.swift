import HTTPTypes
import Testing

@testable import HTTPMessages

private let plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/// Every deadline one nanosecond before and at its time, on a clock the test moves.
@Suite struct TimerTests {
    private let limits = HTTPLimits()

    @Test func `an idle connection closes without a word`() {
        let driver = ConnectionDriver()
        driver.advance(to: 1_000 + limits.idleTimeout - 1)
        #expect(!driver.isClosed)
        driver.advance(to: 1_000 + limits.idleTimeout)
        #expect(driver.isClosed)
        #expect(driver.output.isEmpty)
    }

    @Test func `idleness counts from the last answer's flush`() {
        let driver = ConnectionDriver()
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
        let driver = ConnectionDriver()
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

    /// A driver whose body of 1 MB has begun at 1,000.
    private func inBody() -> ConnectionDriver {
        let driver = ConnectionDriver()
        driver.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        return driver
    }

    private func expectBodyTimeout(_ driver: ConnectionDriver, at due: UInt64) {
        driver.advance(to: due - 1)
        #expect(driver.errors.isEmpty)
        driver.advance(to: due)
        #expect(driver.errors == [.bodyTimeout(nanoseconds: limits.bodyTimeout)])
        #expect(driver.errors.first?.status == 408)
        #expect(driver.machine.heldBytes == 0, "what came of the body is not kept")
    }

    @Test func `a slow body is a 408, later for the bytes that came`() {
        let driver = inBody()
        driver.advance(to: 1_000 + 5 * .second)
        driver.receive([UInt8](repeating: 0, count: Int(limits.bodyBytesPerSecond) * 3))
        expectBodyTimeout(driver, at: 1_000 + limits.bodyTimeout + 3 * .second)
    }

    @Test func `bytes that come quickly buy no more than one stall`() {
        let driver = inBody()
        driver.advance(to: 2_000)
        driver.receive([UInt8](repeating: 0, count: 999_999))
        expectBodyTimeout(driver, at: 2_000 + limits.bodyTimeout)
    }

    @Test func `a body that drips ends where its rate ends it`() {
        let driver = inBody()
        for second in 1..<UInt64(30) {
            driver.advance(to: 1_000 + second * .second)
            driver.receive([0])
        }
        let bought = 29 * (.second / limits.bodyBytesPerSecond)
        expectBodyTimeout(driver, at: 1_000 + limits.bodyTimeout + bought)
    }

    /// A driver that has 1 MB to write at 1,000.
    private func writing() -> ConnectionDriver {
        let driver = ConnectionDriver()
        driver.flushes = false
        driver.receive(plain)
        driver.respond(driver.asked[0], body: [UInt8](repeating: 0, count: 1_000_000))
        return driver
    }

    private func expectAbort(_ driver: ConnectionDriver, at due: UInt64) {
        driver.advance(to: due - 1)
        #expect(!driver.isClosed)
        driver.advance(to: due)
        #expect(driver.isAborted)
    }

    @Test func `a peer that takes nothing is aborted`() {
        let driver = writing()
        expectAbort(driver, at: 1_000 + limits.writeTimeout)
    }

    @Test func `a peer that takes a byte now and then is aborted all the same`() {
        let driver = writing()
        let total = driver.output.count
        for second in 1..<UInt64(30) {
            driver.advance(to: 1_000 + second * .second)
            driver.progress(total - Int(second))
        }
        let bought = 29 * (.second / limits.writeBytesPerSecond)
        expectAbort(driver, at: 1_000 + limits.writeTimeout + bought)
    }

    @Test func `a peer that keeps the rate is not aborted, and may stall once`() {
        let driver = writing()
        var left = driver.output.count
        for second in 1...UInt64(40) {
            driver.advance(to: 1_000 + second * .second)
            left -= Int(limits.writeBytesPerSecond)
            driver.progress(left)
        }
        expectAbort(driver, at: 1_000 + 40 * .second + limits.writeTimeout)
    }

    @Test func `closing waits no longer than the write timeout`() {
        let driver = ConnectionDriver()
        driver.flushes = false
        driver.receive("GET / HTTP/1.0\r\n\r\n")
        driver.respond(driver.asked[0])
        #expect(driver.isClosed && !driver.isAborted)
        driver.isClosed = false
        driver.advance(to: 1_000 + limits.writeTimeout)
        #expect(driver.isAborted)
    }

    @Test func `lingering ends, counted from the flush`() {
        let driver = ConnectionDriver()
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
        for actions in [machine.start(), machine.timerFired(now: 1)] {
            guard actions.count == 1, case .setTimer(limits.idleTimeout) = actions[0] else {
                Issue.record("\(actions)")
                return
            }
        }
    }
}
