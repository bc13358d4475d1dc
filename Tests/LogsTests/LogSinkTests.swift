import Foundation
import Glibc
import Testing

@testable import Logs

@Suite struct LogSinkTests {
    /// Gives the body both ends of a pipe.
    static func withPipe(_ body: (_ read: Int32, _ write: Int32) throws -> Void) throws {
        var ends: [Int32] = [-1, -1]
        try #require(unsafe pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        try body(ends[0], ends[1])
    }

    static func text(of descriptor: Int32, atMost count: Int = 1 << 16) -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        let length = unsafe read(descriptor, &bytes, count)
        return String(decoding: bytes[..<max(0, length)], as: UTF8.self)
    }

    /// Flushes until the condition holds, a second at a time where the machine is busy.
    static func flush(_ sink: LogSink, until condition: () -> Bool) -> Bool {
        for _ in 0..<30 where !condition() { sink.flush() }
        return condition()
    }

    @Test func `lines are written in their order`() throws {
        try Self.withPipe { reading, writing in
            let sink = LogSink(descriptor: writing)
            for number in 0..<3 { sink.append("line \(number)") }
            sink.flush()
            var text = ""
            while text.count(where: { $0 == "\n" }) < 3 { text += Self.text(of: reading) }
            #expect(text == "line 0\nline 1\nline 2\n")
            #expect(sink.droppedCount == 0)
        }
    }

    @Test func `nobody waits for a pipe that nobody reads`() throws {
        try Self.withPipe { reading, writing in
            let sink = LogSink(descriptor: writing)
            let line = String(repeating: "x", count: 99)
            let count = 4 * LogBuffer.maxBytes / 100
            for _ in 0..<count { sink.append(line) }
            #expect(sink.droppedCount > 0)
            // Reads until every line that was not left out has come.
            var found = 0
            while found < count - Int(sink.droppedCount) {
                found += Self.text(of: reading).count { $0 == "\n" }
            }
            sink.append("later")
            sink.flush()
            #expect(Self.text(of: reading) == "later\n")
        }
    }

    @Test func `a full pipe that does not block is waited for`() throws {
        try Self.withPipe { reading, writing in
            #expect(fcntl(writing, F_SETFL, O_NONBLOCK) == 0)
            // F_GETPIPE_SZ, which the Glibc module leaves out.
            let capacity = fcntl(writing, 1032)
            #expect(capacity > 0)
            let sink = LogSink(descriptor: writing)
            let line = String(repeating: "x", count: 99)
            let count = 2 * Int(capacity) / 100
            for _ in 0..<count { sink.append(line) }
            var found = 0
            while found < count { found += Self.text(of: reading).count { $0 == "\n" } }
            #expect(sink.writeErrorCount == 0)
            #expect(sink.droppedCount == 0)
        }
    }

    @Test func `a full disk is counted and nothing else`() throws {
        let full = unsafe open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        let sink = LogSink(descriptor: full)
        for _ in 0..<3 { sink.append("x") }
        #expect(Self.flush(sink) { sink.droppedCount >= 3 })
        #expect(sink.writeErrorCount >= 1)
        #expect(sink.droppedCount == 3)
    }
}
