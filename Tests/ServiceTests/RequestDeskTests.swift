import HTTPMessages
import HTTPTypes
import InferenceAPI
import Telemetry
import Testing

@testable import Service

/// Requests that are answered at once, whatever the queues do.
@Suite struct RequestDeskTests {
    private let desk: TestDesk

    init() throws { desk = try TestDesk() }

    private func answer(_ line: String, body: [UInt8] = []) throws -> TestDesk.Outcome {
        try desk.answer(try Requests.message(line, body: body))
    }

    private static func allow(_ answer: Answer) -> [String] {
        answer.message(Requests.context()).headers.values(of: .allow)
    }

    // MARK: Methods

    @Test func `OPTIONS of every endpoint tells its methods`() throws {
        for endpoint in EndpointTable.rows {
            let path = endpoint.pattern.text.replacing("{model}", with: "a")
            let outcome = try answer("OPTIONS \(path)")
            #expect(outcome.isImmediate && outcome.status == 204 && outcome.bytes.isEmpty)
            #expect(Self.allow(outcome.answer) == [endpoint.allow], "\(path)")
        }
    }

    @Test func `OPTIONS of the server tells all methods`() throws {
        let outcome = try answer("OPTIONS *")
        #expect(outcome.status == 204)
        #expect(Self.allow(outcome.answer) == ["GET, HEAD, POST, OPTIONS"])
        #expect(outcome.context.route == RouteLabels.none)
    }

    @Test(arguments: ["PUT", "DELETE", "PATCH", "TRACE", "get", "BREW"])
    func `a method of no endpoint is refused with those it takes`(method: String) throws {
        for endpoint in EndpointTable.rows {
            let path = endpoint.pattern.text.replacing("{model}", with: "a")
            let outcome = try answer("\(method) \(path)")
            #expect(outcome.status == 405 && outcome.refusal?.code == "method_not_allowed")
            #expect(Self.allow(outcome.answer) == [endpoint.allow], "\(path)")
            #expect(outcome.context.route == endpoint.label)
        }
    }

    @Test func `predictions are not read and the rest is not posted`() throws {
        for endpoint in EndpointTable.rows {
            let path = endpoint.pattern.text.replacing("{model}", with: "a")
            for method in endpoint.isPrediction ? ["GET", "HEAD"] : ["POST"] {
                #expect(try answer("\(method) \(path)").status == 405, "\(method) \(path)")
            }
        }
    }

    @Test func `a path of no endpoint is not found by any method`() throws {
        for method in ["GET", "HEAD", "POST", "OPTIONS", "DELETE"] {
            let outcome = try answer("\(method) /nothing")
            #expect(outcome.isImmediate && outcome.status == 404)
            #expect(outcome.refusal?.code == "not_found")
            #expect(outcome.context.route == RouteLabels.none)
        }
    }

    // MARK: Immediate endpoints

    @Test func `HEAD is answered as GET is`() throws {
        try desk.serve(["digits-mhs"])
        for endpoint in EndpointTable.rows where !endpoint.isPrediction {
            // The metrics change by themselves: the process uses time.
            if endpoint.label == "/metrics" { continue }
            let path = endpoint.pattern.text.replacing("{model}", with: "digits-mhs")
            let (read, head) = (try answer("GET \(path)"), try answer("HEAD \(path)"))
            #expect(read.status == 200 && head.status == 200, "\(path)")
            #expect(read.bytes == head.bytes)
            #expect(
                read.answer.message(Requests.context())
                    == head.answer.message(Requests.context()))
        }
    }

    @Test func `probes tell the states of a life`() throws {
        #expect(try answer("GET /health/live").status == 200)
        let loading = try answer("GET /health/ready")
        #expect(loading.status == 503 && loading.refusal?.code == "not_ready")
        #expect(try answer("GET /v1/models").refusal?.code == "not_ready")
        try desk.serve(["digits-mhs", "digits-mhp"])
        for path in ["/health", "/health/ready"] {
            let ready = try answer("GET \(path)")
            #expect(
                String(decoding: ready.bytes, as: UTF8.self)
                    == #"{"status":"ready","models":["digits-mhs","digits-mhp"]}"#)
        }
        _ = desk.shared.readiness.beginDrain()
        #expect(try answer("GET /health/ready").refusal?.code == "draining")
        #expect(try answer("GET /health/live").status == 200)
        #expect(try answer("GET /v1/models").status == 200, "connections that are kept are served")
    }

    @Test func `models are listed as each is shown`() throws {
        try desk.serve(["digits-mhs", "digits-mhp"])
        let each = try ["digits-mhs", "digits-mhp"].map { name in
            String(decoding: try answer("GET /v1/models/\(name)").bytes, as: UTF8.self)
        }
        let all = String(decoding: try answer("GET /v1/models").bytes, as: UTF8.self)
        #expect(all == "{\"models\":[\(each.joined(separator: ","))]}")
        let unknown = try answer("GET /v1/models/digits")
        #expect(unknown.status == 404 && unknown.refusal?.code == "unknown_model")
    }

    // MARK: Metrics

    @Test func `metrics are the same within a turn and new in the next`() throws {
        let first = try answer("GET /metrics").bytes
        desk.shared.metrics.cancelled.increment()
        #expect(try answer("GET /metrics").bytes == first)
        #expect(try answer("HEAD /metrics").bytes == first)
        #expect(String(decoding: first, as: UTF8.self).contains("\nheadserve_cancelled_total 0\n"))
        #expect(desk.endTurn())
        #expect(!desk.endTurn(), "one end for all that asked in the turn")
        let next = String(decoding: try answer("GET /metrics").bytes, as: UTF8.self)
        #expect(next.contains("\nheadserve_cancelled_total 1\n"))
        #expect(desk.endTurn())
    }

    @Test func `metrics and the document keep their types`() throws {
        var options = ServiceOptions()
        options.openAPI = Array("openapi: 3.1.0\n".utf8)
        let desk = try TestDesk(options)
        let document = try desk.answer(try Requests.message("GET /openapi.yaml"))
        #expect(document.bytes == options.openAPI)
        let types = try ["/openapi.yaml", "/metrics", "/health/live"].map { path in
            try desk.answer(try Requests.message("GET \(path)")).answer
                .message(Requests.context()).headers[.contentType]
        }
        #expect(
            types == [
                "application/yaml", "text/plain; version=0.0.4; charset=utf-8",
                "application/json",
            ])
    }
}
