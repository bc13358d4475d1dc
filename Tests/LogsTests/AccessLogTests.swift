import Foundation
import Testing

@testable import Logs

@Suite struct AccessLogTests {
    static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    static func entry(
        method: String = "POST", model: String = "digits", status: Int = 200
    ) -> AccessLogEntry {
        AccessLogEntry(
            requestID: #"a"b\c"#, traceparent: trace, method: method, route: "/predict",
            model: model, totalTime: 12_345_678, status: status, bodyBytes: 812)
    }

    /// An entry whose prediction was computed.
    static var predicted: AccessLogEntry {
        var entry = entry()
        entry.rowCount = 2
        entry.sampleCount = 2000
        entry.queueTime = 12_999
        entry.computeTime = 7_001_000
        return entry
    }

    /// The one line that is written, without its end.
    static func line(_ format: LogFormat, _ entry: AccessLogEntry) throws -> String {
        var found = ""
        try LogSinkTests.withPipe { reading, writing in
            let sink = LogSink(descriptor: writing)
            AccessLog(sink: sink, format: format).record(entry)
            sink.flush()
            found = LogSinkTests.text(of: reading)
        }
        #expect(found.last == "\n")
        return String(found.dropLast())
    }

    @Test func `text has every member`() throws {
        let line = try Self.line(.text, Self.predicted)
        let expected: [String] = [
            "info", "request", #"request_id=a"b\c"#, "traceparent=\(Self.trace)", "method=POST",
            "route=/predict", "model=digits", "rows=2", "samples=2000", "queue_ms=0.012",
            "compute_ms=7.001", "total_ms=12.345", "status=200", "bytes=812",
        ]
        #expect(line.split(separator: " ").dropFirst().map(String.init) == expected)
    }

    @Test func `JSON is JSON, with numbers`() throws {
        let line = try Self.line(.json, Self.predicted)
        let parsed = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        let object = try #require(parsed)
        #expect(object["request_id"] as? String == #"a"b\c"#)
        #expect(object["level"] as? String == "info")
        #expect(object["message"] as? String == "request")
        #expect(object["samples"] as? Int == 2000)
        #expect(object["queue_ms"] as? Double == 0.012)
        #expect(object["compute_ms"] as? Double == 7.001)
        #expect(object["total_ms"] as? Double == 12.345)
        #expect(object.count == 15)
    }

    @Test func `a field that a request does not have is left out`() throws {
        var entry = Self.entry(model: "", status: 504)
        entry.rowCount = 3
        let line = try Self.line(.text, entry)
        #expect(line.contains(" route=/predict rows=3 total_ms=12.345 status=504 bytes=812"))
        let head = try Self.line(.text, Self.entry(method: "HEAD"))
        #expect(head.hasSuffix("total_ms=12.345 status=200 bytes=0"))
    }
}
