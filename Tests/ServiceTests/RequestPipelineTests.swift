import Clocks
import HTTPMessages
import Heads
import Predictions
import Testing

@testable import InferenceAPI
@testable import Service

/// Predictions from the message to the answer, without sockets.
@Suite struct RequestPipelineTests {
    private static let models = ["digits-mhs", "digits-mhp", "digits-hetxl"]
    private static let array = "Content-Type: application/x-npy\r\n"

    private let desk: TestDesk

    init() throws { desk = try TestDesk(models: Self.models) }

    private func width(_ model: String? = nil) throws -> Int {
        try #require(desk.model(model)).summary.inputCount
    }

    private func post(
        _ body: [UInt8], path: String = "/predict", _ fields: String = ""
    ) throws -> TestDesk.Outcome {
        try desk.answer(try Requests.message("POST \(path)", fields, body: body))
    }

    // MARK: Answers

    @Test(arguments: models, [1, 3])
    func `a JSON prediction is that of the head`(name: String, count: Int) throws {
        let rows = TestRows(count, width: try width(name))
        let outcome = try post(rows.json(#""model":"\#(name)""#))
        #expect(outcome.status == 200 && !outcome.isImmediate)
        let model = try #require(desk.model(name))
        let expected = try rows.answer(of: model, desk.shared.engine, JSONAnswer.toJSON)
        #expect(outcome.bytes == expected)
        #expect(outcome.context.model == name)
        #expect(outcome.context.work?.rowCount == count)
        // Its thousand samples are as many points as a power of two.
        let samples = model.summary.defaultSampleCount == nil ? 0 : 1024
        #expect(outcome.context.work?.computation?.sampleCount == samples * count)
    }

    @Test(arguments: models) func `so is one of an array`(name: String) throws {
        let rows = TestRows(2, width: try width(name))
        let outcome = try post(rows.array, path: "/predict?model=\(name)", Self.array)
        #expect(outcome.status == 200)
        let model = try #require(desk.model(name))
        #expect(
            outcome.bytes == (try rows.answer(of: model, desk.shared.engine, JSONAnswer.toArray)))
    }

    @Test func `the model is the body's, the path's, the query's, or the first`() throws {
        let rows = TestRows(1, width: try width("digits-mhp"))
        let named = try post(rows.json(#""model":"digits-mhp""#))
        let path = "/v1/models/digits-mhp:predict"
        #expect(try post(rows.json(), path: path).bytes == named.bytes)
        #expect(try post(rows.array, path: path, Self.array).bytes == named.bytes)
        #expect(
            try post(rows.array, path: "/predict?model=digits-mhp", Self.array).bytes
                == named.bytes)
        #expect(try post(rows.json()).context.model == "digits-mhs")
        let both = try post(rows.json(#""model":"digits-mhs""#), path: path)
        #expect(both.status == 400 || both.status == 422)
        #expect(both.context.model.isEmpty)
    }

    @Test func `the labels of metrics are the endpoints' own`() throws {
        let rows = TestRows(1, width: try width())
        #expect(try post(rows.json()).context.route == "/predict")
        let path = "/v1/models/digits-mhs:predict"
        #expect(try post(rows.json(), path: path).context.route == "/v1/models/{model}:predict")
    }

    @Test func `brief predictions are computed at the turn's end, with the same answer`() throws {
        let inline = try TestDesk(models: ["digits-mhs"], isInline: true)
        let model = try #require(inline.model())
        let rows = TestRows(1, width: model.summary.inputCount)
        let message = try Requests.message("POST /predict", body: rows.json())
        let first = try inline.answer(message)
        // A model that has run fast enough; its own time decides on no test machine.
        for _ in 0..<100 { model.runTimes[.law].record(rows: 1, samples: 1, nanoseconds: 1) }
        let awaited = AwaitedReplies()
        #expect(inline.begin(message, awaited.replies) != nil)
        #expect(awaited.replies.all.isEmpty, "nothing is computed before the turn's end")
        #expect(inline.endTurn())
        #expect(awaited.replies.statuses == [200])
        let second = try awaited.nextAnswer().get().bytes
        #expect(second == first.bytes)
    }

    // MARK: Refusals

    @Test func `nothing is predicted while models are being loaded`() throws {
        let desk = try TestDesk()
        let outcome = try desk.answer(try Requests.message("POST /predict", body: [0x7B]))
        #expect(outcome.isImmediate && outcome.status == 503)
        #expect(outcome.refusal?.code == "not_ready" && outcome.refusal?.retryAfter == 1)
        #expect(desk.rejected(.notReady) == 1)
    }

    @Test func `a body without framing is not one of no bytes`() throws {
        let outcome = try desk.answer(try Requests.bare("POST /predict"))
        #expect(outcome.status == 411 && outcome.refusal?.code == "length_required")
        let empty = try post([])
        #expect(empty.status == 400)
    }

    @Test(arguments: ["text/plain", "application/x-npyz", "application/octet-stream"])
    func `a body of another type is refused`(type: String) throws {
        let outcome = try post(Array("{}".utf8), path: "/predict", "Content-Type: \(type)\r\n")
        #expect(outcome.status == 415 && outcome.refusal?.code == "unsupported_media_type")
        #expect(outcome.context.model.isEmpty)
    }

    @Test func `refusals before the model is known name none`() throws {
        for body in ["", "{", "[]", "{}", #"{"model":"digits","instances":[[1]]}"#] {
            let outcome = try post(Array(body.utf8))
            #expect((400..<500).contains(outcome.status))
            #expect(outcome.context.model.isEmpty && outcome.context.work == nil)
        }
        let unknown = try post(Array("{}".utf8), path: "/v1/models/digits:predict")
        #expect(unknown.status == 404 && unknown.context.model.isEmpty)
    }

    @Test func `refusals after the model is known name it`() throws {
        let rows = TestRows(1, width: try width())
        let outcome = try post(rows.json(#""parameters":{"outputs":["quantiles"]}"#))
        #expect(outcome.status == 422 && outcome.refusal?.code == "not_available")
        #expect(outcome.context.model == "digits-mhs" && outcome.context.work == nil)
        #expect(outcome.refusal?.pointer?.text == "/parameters/outputs")
    }

    /// The same check at the limit and one byte on either side of an answer's estimate: each label
    /// is `JSONAnswer`'s fewest bytes long.
    @Test(arguments: -1...1) func `an answer that cannot fit is not computed`(excess: Int) throws {
        var options = ServiceOptions()
        options.maxResponseBytes = 39 * 5 + excess
        let desk = try TestDesk(options, models: ["digits-mhs"])
        let rows = TestRows(1, width: try width())
        let outcome = try desk.answer(try Requests.message("POST /predict", body: rows.json()))
        // One that may fit is computed, and found too long then.
        #expect(outcome.status == 422 && outcome.refusal?.code == "response_too_large")
        #expect(outcome.isImmediate == (excess < 0))
        #expect((outcome.context.work != nil) == (excess >= 0))
    }

    @Test(arguments: ["0", "-1", "x", "1.5"])
    func `a deadline that is none is refused first`(text: String) throws {
        let outcome = try post([], path: "/predict", "X-Request-Timeout-Ms: \(text)\r\n")
        #expect(outcome.isImmediate && outcome.refusal?.code == "invalid_header")
    }

    @Test func `a request whose time is over is not begun`() throws {
        let rows = TestRows(1, width: try width())
        let message = try Requests.message(
            "POST /predict", "X-Request-Timeout-Ms: 1\r\n", body: rows.json())
        let outcome = try desk.answer(message, arrival: 0)
        #expect(outcome.isImmediate && outcome.status == 504)
        #expect(outcome.refusal?.code == "deadline_exceeded")
        #expect(outcome.context.model == "digits-mhs" && outcome.context.work == nil)
        #expect(desk.rejected(.deadline) == 1)
    }
}
