import Clocks
import Foundation
import Glibc
import HTTPMessages
import Testing

@testable import Service

@Suite struct AccessLogTests {
    static func context() -> RequestContext {
        var context = RequestContext(
            requestID: #"a"b\c"#, traceparent: TraceParentTests.trace, arrival: 1_000_000,
            codings: AcceptedCodings())
        context.method = "POST"
        context.route = "/predict"
        context.model = "digits"
        context.work = RequestWork(
            rowCount: 2,
            computation: .init(sampleCount: 2000, queueTime: 12_999, computeTime: 7_001_000))
        return context
    }

    /// The one line that is written, without its time.
    static func line(_ format: LogFormat, _ context: RequestContext, status: Int = 200) throws
        -> String
    {
        var found = ""
        try LogSinkTests.withPipe { reading, writing in
            let sink = LogSink(descriptor: writing)
            AccessLog(sink: sink, format: format)
                .record(context, status: status, bytes: 812, now: 13_345_678)
            sink.flush()
            found = LogSinkTests.text(of: reading)
        }
        #expect(found.last == "\n")
        return String(found.dropLast())
    }

    @Test func textHasEveryMember() throws {
        let line = try Self.line(.text, Self.context())
        let trace = TraceParentTests.trace
        let expected: [String] = [
            "info", "request", #"request_id=a"b\c"#, "traceparent=\(trace)", "method=POST",
            "route=/predict", "model=digits", "rows=2", "samples=2000", "queue_ms=0.012",
            "compute_ms=7.001", "total_ms=12.345", "status=200", "bytes=812",
        ]
        #expect(line.split(separator: " ").dropFirst().map(String.init) == expected)
    }

    @Test func jsonIsJSONWithNumbers() throws {
        let line = try Self.line(.json, Self.context())
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

    @Test func whatARequestDoesNotHaveIsLeftOut() throws {
        var context = Self.context()
        context.model = ""
        context.work = RequestWork(rowCount: 3, computation: nil)
        let line = try Self.line(.text, context, status: 504)
        #expect(line.contains(" route=/predict rows=3 total_ms=12.345 status=504 bytes=812"))
        context.work = nil
        context.method = "HEAD"
        #expect(try Self.line(.text, context).hasSuffix("total_ms=12.345 status=200 bytes=0"))
    }

    @Test func theHeaderHasBothTimes() {
        #expect(
            Self.context().work?.computation?.serverTiming == "queue;dur=0.012, compute;dur=7.001")
    }
}

@Suite struct WallTimeTests {
    @Test func itAgreesWithTheSystemsCalendar() {
        // Every day of 1970 to 2399, which has every kind of year.
        for day in 0..<157_054 {
            var seconds = time_t(day * 86_400 + day % 86_400)
            var parts = unsafe tm()
            unsafe gmtime_r(&seconds, &parts)
            let fields: [(Int32, Int, String)] = unsafe [
                (parts.tm_year + 1900, 4, "-"), (parts.tm_mon + 1, 2, "-"),
                (parts.tm_mday, 2, "T"), (parts.tm_hour, 2, ":"), (parts.tm_min, 2, ":"),
                (parts.tm_sec, 2, "."), (Int32(day % 1000), 3, "Z"),
            ]
            let expected = fields.map { number, width, mark in
                let digits = String(number)
                return String(repeating: "0", count: width - digits.count) + digits + mark
            }.joined()
            let time = WallTime(milliseconds: UInt64(seconds) * 1000 + UInt64(day % 1000))
            #expect("\(time)" == expected)
        }
    }
}
