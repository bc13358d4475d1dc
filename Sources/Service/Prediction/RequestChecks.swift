internal import HTTPMessages
internal import HTTPTypes
internal import Heads
internal import InferenceAPI
internal import Predictions

/// When a request's answer loses its use.
enum RequestDeadline {
    private static let field = HTTPField.Name(literal: "X-Request-Timeout-Ms")

    /// Monotonic nanoseconds. The client's header shortens the server's limit, never lengthens it.
    static func of(
        _ headers: HTTPHeaders, arrival: UInt64, longest: UInt64
    ) throws(Refusal) -> UInt64 {
        var timeout = longest
        if let text = headers[field] {
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let wanted = UInt64(text),
                wanted > 0
            else { throw .timeoutHeader(text) }
            let (nanoseconds, overflow) = wanted.multipliedReportingOverflow(by: 1_000_000)
            if !overflow { timeout = min(timeout, nanoseconds) }
        }
        let (deadline, overflow) = arrival.addingReportingOverflow(timeout)
        return overflow ? .max : deadline
    }
}

/// Which bodies are taken: JSON, also under the type `curl -d` gives it and under none, and arrays.
enum BodyType {
    private static let json = ["application/json", "application/x-www-form-urlencoded"]
    private static let array = "application/x-npy"

    static func form(_ headers: HTTPHeaders) throws(Refusal) -> RequestForm {
        if headers.has(.contentType, only: json[0]) { return .json }
        guard let type = headers[.contentType] else { return .json }
        let essence = type.prefix { $0 != ";" }.trimmingSpaces().lowercased()
        if essence == array { return .array }
        guard json.contains(essence) else { throw .contentType(type) }
        return .json
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        let start = self.drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...end]
    }
}

/// What this version can compute for a kind of answer.
enum Availability {
    static func check(
        _ parameters: PredictParameters, of form: RequestForm, _ output: OutputForm
    ) throws(Refusal) {
        if !SamplingRules.isAvailable(parameters.estimator) {
            throw .notAvailable(parameters.estimator.rawValue, form.parameter("estimator"))
        }
        if parameters.outputs.contains(.quantiles) {
            throw .notAvailable("the output 'quantiles'", form.parameter("outputs"))
        }
        if parameters.tolerance != nil {
            throw .notAvailable("a tolerance", form.parameter("tolerance"))
        }
        if parameters.outputs.contains(.probabilities), output == .scores {
            throw .scoresOnly(form.parameter("outputs"))
        }
    }
}
