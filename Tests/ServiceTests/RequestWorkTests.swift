import HTTPMessages
import Logs
import Testing

@testable import Service

@Suite struct RequestWorkTests {
    static func context(_ work: RequestWork?) -> RequestContext {
        var context = RequestContext(
            requestID: "abc", traceparent: TraceParentTests.trace, arrival: 1_000_000,
            codings: AcceptedCodings())
        context.method = "POST"
        context.route = "/predict"
        context.model = "digits"
        context.work = work
        return context
    }

    static let computed = RequestWork(
        rowCount: 2,
        computation: .init(sampleCount: 2000, queueTime: 12_999, computeTime: 7_001_000))

    @Test func `the header has both times`() {
        #expect(
            Self.computed.computation?.serverTiming == "queue;dur=0.012, compute;dur=7.001")
    }

    @Test func `the log's line has the request's fields and its prediction's`() {
        let entry = AccessLogEntry(
            Self.context(Self.computed), status: 200, bytes: 812, now: 13_345_678)
        #expect(entry.requestID == "abc")
        #expect(entry.traceparent == TraceParentTests.trace)
        #expect([entry.method, entry.route, entry.model] == ["POST", "/predict", "digits"])
        #expect([entry.rowCount, entry.sampleCount] == [2, 2000])
        #expect([entry.queueTime, entry.computeTime] == [12_999, 7_001_000])
        #expect(entry.totalTime == 12_345_678)
        #expect([entry.status, entry.bodyBytes] == [200, 812])
    }

    @Test func `a prediction that reached no batch has rows alone`() {
        let entry = AccessLogEntry(
            Self.context(RequestWork(rowCount: 3, computation: nil)), status: 504, bytes: 1,
            now: 0)
        #expect([entry.rowCount, entry.sampleCount] == [3, nil])
        #expect([entry.queueTime, entry.computeTime] == [nil, nil])
        // A clock that was read before the arrival is no negative time.
        #expect(entry.totalTime == 0)
    }
}
