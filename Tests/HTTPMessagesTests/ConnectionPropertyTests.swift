import Fixtures
import Testing

@testable import HTTPMessages

@Suite struct ConnectionPropertyTests {
    private static let requests = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ]

    /// Arrivals in random fragments, answers in random order, flushes at random times: every
    /// request is asked once and answered once, in order, whatever the interleaving.
    @Test(arguments: 0..<60) func `one answer a request, in order`(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var limits = HTTPLimits()
        limits.maxPipelinedRequests = Int.random(in: 1...6, using: &random)
        limits.maxUnflushedBytes = 500
        limits.maxPipelinedBodyBytes = 9
        let count = 40
        var input = (0..<count).flatMap { _ in
            Array((Self.requests.randomElement(using: &random) ?? "").utf8)
        }[...]
        let driver = ConnectionDriver(limits: limits)
        driver.flushes = false
        while driver.answered.count < count {
            switch Int.random(in: 0..<3, using: &random) {
            case 0 where !driver.isPaused && !input.isEmpty:
                let size = min(input.count, Int.random(in: 1...90, using: &random))
                driver.receive(Array(input.prefix(size)))
                input = input.dropFirst(size)
            case 1:
                let due = driver.asked.filter { !driver.answered.contains($0) }
                if let id = due.randomElement(using: &random) { driver.respond(id) }
            default: driver.flush()
            }
            #expect(driver.waiting.count <= limits.maxPipelinedRequests)
        }
        #expect(driver.asked.map(\.ordinal) == (0..<UInt64(count)).map { $0 })
        #expect(Set(driver.answered).count == count)
        #expect(bodies(driver.text) == (0..<count).map { "<\($0)>" })
        #expect(driver.errors.isEmpty)
        #expect(!driver.isClosed)
    }

    /// Dispatched requests do not depend on fragments, even when limits hold requests back.
    @Test func `fragmentation changes nothing for a connection`() {
        let stream = Array(persistentStream.utf8)
        func run(_ size: Int) -> [HTTPRequestMessage?] {
            let driver = ConnectionDriver()
            for start in stride(from: 0, to: stream.count, by: size) {
                driver.receive(Array(stream[start..<min(stream.count, start + size)]))
                while let id = driver.waiting.first { driver.respond(id) }
            }
            return driver.asked.map { driver.dispatched[$0] }
        }
        let whole = run(stream.count)
        #expect(!whole.isEmpty)
        for size in [1, 2, 3, 7, 64, 1000] { #expect(run(size) == whole) }
    }
}
