import Foundation
import HTTPMessages
import HTTPTypes
import Testing

@testable import InferenceAPI
@testable import Service

/// Answers as HTTP messages.
@Suite struct AnswerTests {
    private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private static func context(trace: String? = nil, work: RequestWork? = nil) -> RequestContext {
        var context = RequestContext(
            requestID: "r-1", traceparent: trace, arrival: 0, codings: AcceptedCodings())
        context.work = work
        return context
    }

    private static let computed = RequestWork(
        rowCount: 1, computation: .init(sampleCount: 1, queueTime: 1_000, computeTime: 2_000_000))

    private static func pairs(_ message: HTTPResponseMessage) -> [[String]] {
        message.headers.pairs.map { [$0.name, $0.value] }
    }

    // MARK: Answers

    @Test func `an answer has its type, its request's name and no more`() {
        let message = Answer.success(.json([0x7B, 0x7D])).message(Self.context())
        #expect(message.status == .ok && message.body == [0x7B, 0x7D])
        #expect(
            Self.pairs(message) == [
                ["Content-Type", "application/json"], ["X-Request-Id", "r-1"],
            ])
    }

    @Test func `an answer's own fields come before those of its request`() {
        var answer = EncodedAnswer(status: 202, reason: "Taken", contentType: "text/plain")
        answer.fields = [HeaderField("X-B", "1"), HeaderField("X-A", "2"), HeaderField("X-B", "3")]
        let message = Answer.success(answer).message(
            Self.context(trace: Self.trace, work: Self.computed))
        #expect(message.status.code == 202 && message.status.reasonPhrase == "Taken")
        #expect(
            Self.pairs(message) == [
                ["Content-Type", "text/plain"], ["X-B", "1"], ["X-A", "2"], ["X-B", "3"],
                ["X-Request-Id", "r-1"], ["traceparent", Self.trace],
                ["Server-Timing", "queue;dur=0.001, compute;dur=2.000"],
            ])
    }

    @Test func `work without a batch has no times to tell`() {
        let work = RequestWork(rowCount: 4, computation: nil)
        let message = Answer.success(.json([])).message(Self.context(work: work))
        #expect(!message.headers.contains(HTTPField.Name(literal: "Server-Timing")))
    }

    @Test func `an answer without a body has no type`() {
        let message = Answer.methods("GET").message(Self.context())
        #expect(message.status.code == 204 && message.status.reasonPhrase == "No Content")
        #expect(Self.pairs(message) == [["Allow", "GET"], ["X-Request-Id", "r-1"]])
        #expect(message.body.isEmpty)
    }

    @Test func `status and size are those of the answer, a refusal's size is none`() {
        let answer = Answer.success(
            EncodedAnswer(status: 201, reason: "Made", contentType: nil, bytes: [1, 2, 3]))
        #expect(answer.status == 201 && answer.bodyBytes == 3)
        let refusal = Answer.failure(.lengthRequired)
        #expect(refusal.status == 411 && refusal.bodyBytes == 0)
    }

    // MARK: Refusals

    private static func full(_ status: Int) -> Refusal {
        Refusal(
            status: status, code: "some_code", title: "Some Title", detail: "a \"detail\"",
            pointer: JSONPointer().appending("a/b").appending(2), retryAfter: 7, allowed: "GET",
            challenge: "Bearer", acceptedCodings: "gzip")
    }

    @Test func `a refusal's fields come in one order`() {
        let message = Answer.failure(Self.full(418)).message(
            Self.context(trace: Self.trace, work: Self.computed))
        #expect(message.status.code == 418 && message.status.reasonPhrase == "Some Title")
        #expect(
            Self.pairs(message) == [
                ["Content-Type", "application/problem+json"], ["Allow", "GET"],
                ["WWW-Authenticate", "Bearer"], ["Accept-Encoding", "gzip"], ["Retry-After", "7"],
                ["X-Request-Id", "r-1"], ["traceparent", Self.trace],
                ["Server-Timing", "queue;dur=0.001, compute;dur=2.000"],
            ])
    }

    /// RFC 9457, with the members of this API behind its own.
    @Test func `a refusal is a problem document`() throws {
        let message = Answer.failure(Self.full(400)).message(Self.context())
        #expect(
            String(decoding: message.body, as: UTF8.self)
                == #"{"type":"about:blank","title":"Some Title","status":400,"#
                + #""detail":"a \"detail\"","code":"some_code","error":"a \"detail\"","#
                + #""request_id":"r-1","pointer":"/a~1b/2"}"#)
        let short = Answer.failure(.lengthRequired).message(Self.context())
        let parsed = try JSONSerialization.jsonObject(with: Data(short.body)) as? [String: Any]
        let object = try #require(parsed)
        #expect(object["pointer"] == nil && object["status"] as? Int == 411)
        #expect(
            Self.pairs(short) == [
                ["Content-Type", "application/problem+json"], ["X-Request-Id", "r-1"],
            ])
    }

    @Test func `a refusal is written in the form of its endpoint`() {
        var context = Self.context()
        context.errors = ErrorForm { problem in
            var answer = EncodedAnswer(
                status: problem.status + 1, reason: problem.code, contentType: "text/plain",
                bytes: Array(problem.requestID.utf8))
            answer.fields = [HeaderField("X-Form", problem.title)]
            return answer
        }
        let message = Answer.failure(Self.full(400)).message(context)
        #expect(message.status.code == 401 && message.status.reasonPhrase == "some_code")
        #expect(message.body == Array("r-1".utf8))
        #expect(
            Self.pairs(message).prefix(3) == [
                ["Content-Type", "text/plain"], ["X-Form", "Some Title"], ["Allow", "GET"],
            ])
    }

    @Test(
        arguments: [
            (Refusal(.notWanted), 504, "deadline_exceeded"),
            (Refusal(.lostWeights), 503, "model_unreadable"),
            (Refusal(.overflow(RequestFields.json.instance(1))), 422, "numeric_overflow"),
            (Refusal(.tooLong(maxBytes: 9)), 422, "response_too_large"),
            (Refusal(AnswerError.notFinite), 500, "internal_error"),
        ] as [(Refusal, Int, String)])
    func `rows without an answer are refused by their reason`(
        refusal: Refusal, status: Int, code: String
    ) {
        #expect(refusal.status == status && refusal.code == code)
    }

    @Test func `an answer that the client must wait for says how long`() {
        for refusal in [Refusal.notReady, .draining, .outOfRoom, .lostWeights] {
            #expect(refusal.status == 503 && refusal.retryAfter == 1)
        }
        for refusal in [Refusal.deadline, .lengthRequired, .internalError] {
            #expect(refusal.retryAfter == nil)
        }
    }
}
