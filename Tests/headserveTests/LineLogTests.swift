import Foundation
import Glibc
import Logging
import Logs
import Testing

@testable import headserve

@Suite struct LineLogTests {
    /// The line of one event, without its time and its end.
    static func line(_ format: LogFormat, _ body: (Logger) -> Void) throws -> String {
        var ends: [Int32] = [-1, -1]
        try #require(unsafe pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let sink = LogSink(descriptor: ends[1])
        body(Logger(label: "test") { _ in LineLog(format: format, sink: sink) })
        sink.flush()
        var bytes = [UInt8](repeating: 0, count: 1 << 12)
        let count = unsafe read(ends[0], &bytes, bytes.count)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
            .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z/, with: "TIME")
    }

    @Test func `text is one line, with the fields by name`() throws {
        let line = try Self.line(.text) { log in
            log.warning("a\nb", metadata: ["z": "1", "a": "x\u{1B}y"])
        }
        #expect(line == #"TIME warning a\nb a=x\u{1B}y z=1"# + "\n")
    }

    @Test func `JSON quotes every value`() throws {
        let line = try Self.line(.json) { log in
            log.info("say \"hi\"/\n", metadata: ["path": "/a/b"])
        }
        #expect(
            line == #"{"time":"TIME","level":"info","message":"say \"hi\"/\n","path":"/a/b"}"#
                + "\n")
    }

    @Test func `a field of the event replaces the logger's`() throws {
        let line = try Self.line(.text) { log in
            var log = log
            log[metadataKey: "a"] = "1"
            log[metadataKey: "b"] = "2"
            log.error("x", metadata: ["b": "3"])
        }
        #expect(line == "TIME error x a=1 b=3\n")
    }
}
