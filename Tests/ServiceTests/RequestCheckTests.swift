import HTTPMessages
import HTTPTypes
import Predictions
import Testing

@testable import InferenceAPI
@testable import Service

@Suite struct RequestCheckTests {
    static func headers(_ pairs: [(String, String)]) throws -> HTTPHeaders {
        var headers = HTTPHeaders()
        for (name, value) in pairs {
            try headers.append(try #require(HTTPField.Name(name)), value)
        }
        return headers
    }

    // MARK: Deadlines

    static func deadline(_ text: String?) throws -> UInt64 {
        let headers = try headers(text.map { [("X-Request-Timeout-Ms", $0)] } ?? [])
        return try RequestDeadline.of(headers, arrival: 1_000_000_000, max: 5_000_000_000)
    }

    @Test(arguments: [
        (nil, 6_000_000_000), ("1", 1_001_000_000), ("4999", 5_999_000_000),
        ("5000", 6_000_000_000), ("5001", 6_000_000_000),
        ("18446744073709551615", 6_000_000_000),
    ])
    func `the header shortens the deadline only`(_ text: String?, _ deadline: UInt64) throws {
        #expect(try Self.deadline(text) == deadline)
    }

    @Test(arguments: ["0", "-1", "+1", "1.5", "1e3", "x", "18446744073709551616", "1 2"])
    func `anything but a positive whole number is refused`(_ text: String) {
        #expect {
            _ = try Self.deadline(text)
        } throws: {
            ($0 as? Refusal)?.status == 400
        }
    }

    @Test func `a deadline beyond the clock is never`() throws {
        let found = try RequestDeadline.of(try Self.headers([]), arrival: .max - 1, max: 2)
        #expect(found == .max)
    }

    // MARK: Bodies

    static func format(_ pairs: [(String, String)]) throws -> any WireFormat {
        try BodyType.format(try headers(pairs), of: [JSONBody(), NumPyBody()])
    }

    @Test(arguments: [
        [], [("Content-Type", "application/json")],
        [("Content-Type", "Application/JSON; charset=utf-8")],
        [("Content-Type", "application/x-www-form-urlencoded")],
    ])
    func `JSON bodies are taken`(_ pairs: [(String, String)]) throws {
        #expect(try Self.format(pairs) is JSONBody)
    }

    @Test(arguments: ["application/x-npy", "Application/X-NPY", "application/x-npy ; version=1"])
    func `arrays are taken`(_ type: String) throws {
        #expect(try Self.format([("Content-Type", type)]) is NumPyBody)
    }

    @Test(arguments: [
        ("Content-Type", "text/plain"), ("Content-Type", "application/jsonp"),
        ("Content-Type", "application/octet-stream"), ("Content-Type", ""),
    ])
    func `other bodies are unsupported`(_ name: String, _ value: String) {
        #expect {
            _ = try Self.format([(name, value)])
        } throws: {
            ($0 as? Refusal)?.status == 415
        }
    }

    // MARK: Availability

    static func refusal(
        _ output: OutputForm, _ fields: RequestFields = .json,
        _ change: (inout PredictParameters) -> Void
    ) -> Refusal? {
        var parameters = PredictParameters()
        change(&parameters)
        do throws(Refusal) {
            try Availability.check(parameters, fields, output)
            return nil
        } catch {
            return error
        }
    }

    @Test func `what does not exist yet is named`() throws {
        for output in [OutputForm.distribution, .labelProbabilities, .scores] {
            let cases: [(Refusal?, String)] = [
                (Self.refusal(output) { $0.outputs = [.quantiles] }, "/parameters/outputs"),
                (Self.refusal(output) { $0.tolerance = 0.1 }, "/parameters/tolerance"),
            ]
            for (refusal, pointer) in cases {
                let refusal = try #require(refusal)
                #expect(refusal.status == 422)
                #expect(refusal.code == "not_available")
                #expect(refusal.pointer?.text == pointer)
            }
            #expect(Self.refusal(output) { $0.estimator = .only(.monteCarlo) } == nil)
            #expect(Self.refusal(output) { $0.estimator = .only(.quasiMonteCarlo) } == nil)
        }
    }

    /// A query string has names and no pointers.
    @Test func `what does not exist in a query is named there`() throws {
        let cases: [(Refusal?, String)] = [
            (Self.refusal(.scores, .array) { $0.tolerance = 0.1 }, "tolerance"),
            (Self.refusal(.scores, .array) { $0.outputs = [.probabilities] }, "outputs"),
        ]
        for (refusal, name) in cases {
            let refusal = try #require(refusal)
            #expect(refusal.status == 422)
            #expect(refusal.pointer == nil)
            #expect(refusal.detail.hasPrefix("query parameter '\(name)': "))
        }
    }

    @Test(
        arguments: [
            (5, nil, 5), (5, 0, 5), (.max, 0.25, 5), (4, 0.25, 4), (0, 0.25, 0), (.max, 1, 2),
            (.max, 1e-300, .max), (.max, 1e-18, 1_000_000_953_674_316_288), (1, 1, 1),
        ] as [(Int, Double?, Int)])
    func `lists of likely labels are short`(topK: Int, least: Double?, length: Int) {
        var parameters = PredictParameters()
        (parameters.topK, parameters.minProbability) = (topK, least)
        #expect(parameters.listLength(.distribution) == length)
        #expect(parameters.listLength(.labelProbabilities) == topK)
    }

    @Test func `scores are never called probabilities`() {
        let change: (inout PredictParameters) -> Void = { $0.outputs = [.probabilities] }
        #expect(Self.refusal(.scores, .json, change)?.code == "no_probabilities")
        #expect(Self.refusal(.distribution, .json, change) == nil)
        #expect(Self.refusal(.labelProbabilities, .json, change) == nil)
        let least = Self.refusal(.scores) { $0.minProbability = 0 }
        #expect(least?.code == "no_probabilities" && least?.status == 422)
        #expect(least?.pointer?.text == "/parameters/min_probability")
        #expect(Self.refusal(.distribution) { $0.minProbability = 1 } == nil)
        let named = Self.refusal(.scores) { $0.labels = [.index(0)] }
        #expect(named?.code == "no_probabilities" && named?.pointer?.text == "/parameters/labels")
        #expect(Self.refusal(.labelProbabilities) { $0.labels = [.index(0)] } == nil)
    }
}
