import Glibc
import HTTPTypes
import Logs
import Testing

@testable import HTTPMessages
@testable import InferenceAPI
@testable import Service

/// The accounts that a loop keeps of its requests.
@Suite final class RequestAccountsTests {
    private let shared: SharedService
    private let accounts: RequestAccounts
    private let log = TestLog()

    init() throws {
        var options = ServiceOptions()
        options.log = log.sink
        options.accessLog = .text
        shared = try SharedService(options, routes: EndpointTable.labels)
        accounts = RequestAccounts(shared)
    }

    private func metric(_ line: String) -> Double? { shared.metrics.value(of: line) }

    /// Members of the lines that were written, without their times.
    private func lines() -> [[String]] {
        log.lines(["request_id", "method", "route", "model", "rows", "status", "bytes"])
    }

    private func open(_ line: String, _ fields: String = "") throws -> RequestContext {
        let head = try Requests.message(line, fields).head
        return accounts.open(head, route: EndpointTable.find(head.path), now: 5)
    }

    @Test func `a request begins with its endpoint's label and form of errors`() throws {
        let context = try open("POST /v1/models/a:predict", "X-Request-Id: mine\r\n")
        #expect(context.requestID == "mine" && context.arrival == 5)
        #expect(context.method == "POST" && context.route == "/v1/models/{model}:predict")
        #expect(context.model.isEmpty && context.work == nil && context.traceparent == nil)
        let lost = accounts.open(nil, route: nil, now: 6)
        #expect(lost.method.isEmpty && lost.route == RouteLabels.none && lost.arrival == 6)
        #expect(try open("GET /nothing").route == RouteLabels.none)
    }

    @Test func `a request is in flight until it is answered or its client leaves`() throws {
        let inflight = { self.metric("headserve_inflight_requests") }
        let contexts = try (0..<3).map { _ in try open("POST /predict") }
        let other = RequestAccounts(shared)
        let last = other.open(nil, route: nil, now: 0)
        #expect(inflight() == 4, "the sum of all loops")
        accounts.count(.success(.json([])), contexts[0])
        #expect(inflight() == 3)
        accounts.countCancelled(contexts[1])
        accounts.count(.failure(.deadline), contexts[2])
        #expect(inflight() == 1)
        other.count(.failure(.lengthRequired), last)
        #expect(inflight() == 0)
        #expect(metric("headserve_cancelled_total") == 1)
    }

    @Test func `answers are counted by endpoint, model and status`() throws {
        var context = try open("POST /predict")
        context.model = "digits"
        for _ in 0..<3 { accounts.count(.success(.json([])), context) }
        accounts.count(.failure(.deadline), context)
        accounts.count(.success(.json([])), context)
        let total = "headserve_requests_total"
        #expect(metric(total + #"{route="/predict",model="digits",code="200"}"#) == 4)
        #expect(metric(total + #"{route="/predict",model="digits",code="504"}"#) == 1)
        #expect(
            metric(#"headserve_request_duration_seconds_count{route="/predict"}"#) == 5)
        accounts.countCancelled(context)
        #expect(metric(total + #"{route="/predict",model="digits",code="499"}"#) == nil)
    }

    @Test func `each request has one line, one whose client left too`() throws {
        var context = try open("POST /predict", "X-Request-Id: a\r\n")
        context.model = "digits"
        context.work = RequestWork(rowCount: 2, computation: nil)
        let message = HTTPResponseMessage(status: .ok, body: [1, 2, 3])
        accounts.count(.success(.json([1, 2, 3])), context)
        accounts.record(context, message)
        accounts.countCancelled(try open("GET /nothing", "X-Request-Id: b\r\n"))
        // It is counted as answered already, and left while its answer was coded.
        accounts.recordClientLeft(context)
        let written = lines()
        try #require(written.count == 3)
        let predict = ["request_id=a", "method=POST", "route=/predict", "model=digits", "rows=2"]
        #expect(written[0] == predict + ["status=200", "bytes=3"])
        #expect(
            written[1] == ["request_id=b", "method=GET", "route=none", "status=499", "bytes=0"])
        #expect(written[2] == predict + ["status=499", "bytes=0"])
        #expect(metric("headserve_cancelled_total") == 1)
    }

    @Test func `the date is that of the clock`() throws {
        let before = Int64(time(nil))
        let date = accounts.date()
        let after = Int64(time(nil))
        #expect((before...after).contains { HTTPDate(unixSeconds: $0) == date })
        // Within a second it is the same; a test that crosses one asks again.
        #expect((0..<3).contains { _ in accounts.date() == accounts.date() })
    }
}
