internal import ByteText
internal import HTTPMessages
internal import InferenceAPI
internal import Predictions

/// The reason that a request gets no answer: the text of its problem document, and the header
/// fields that go with it.
struct Refusal: Error, Sendable {
    var status: Int
    /// Name of the error, for programs; part of the contract.
    var code: String
    var title: String
    var detail: String
    /// The field at fault.
    var pointer: JSONPointer?
    /// Whole seconds; the `Retry-After` header.
    var retryAfter: Int?
    /// The `Allow` header.
    var allowed: String?
    /// The `WWW-Authenticate` header.
    var challenge: StaticString?
    /// The `Accept-Encoding` header.
    var acceptedCodings: StaticString?

    static func noSuchPath(_ path: String) -> Refusal {
        Refusal(
            status: 404, code: "not_found", title: "Not Found",
            detail: "there is nothing at \(Excerpt(path))")
    }

    static func method(_ method: String, allowed: String) -> Refusal {
        Refusal(
            status: 405, code: "method_not_allowed", title: "Method Not Allowed",
            detail: "\(Excerpt(method)) is not for this path; it takes \(allowed)",
            allowed: allowed)
    }

    static let lengthRequired = Refusal(
        status: 411, code: "length_required", title: "Length Required",
        detail: "neither Content-Length nor Transfer-Encoding says where the body ends")

    static func contentType(_ type: String, formats: [any WireFormat]) -> Refusal {
        let types = formats.map(\.mediaType)
        let first = types.dropLast().joined(separator: ", ")
        let list = types.count > 1 ? "\(first) and \(types[types.count - 1])" : types.joined()
        return Refusal(
            status: 415, code: "unsupported_media_type", title: "Unsupported Media Type",
            detail: "the body is \(Excerpt(type)); \(list) are taken here")
    }

    static func timeoutHeader(_ text: String) -> Refusal {
        Refusal(
            status: 400, code: "invalid_header", title: "Bad Request",
            detail: "X-Request-Timeout-Ms is \(Excerpt(text)), not a positive whole number")
    }

    /// Something that no answer of the model has, for this reason; the reason says what to do.
    static func notAvailable(
        _ what: String, _ field: RequestField, because reason: String
    ) -> Refusal {
        Refusal(
            status: 422, code: "not_available", title: "Unprocessable Content",
            detail: "\(field): \(what) is not available: \(reason)", pointer: field.pointer)
    }

    static func notCalibrated(_ field: RequestField) -> Refusal {
        Refusal(
            status: 422, code: "not_calibrated", title: "Unprocessable Content",
            detail: "\(field): this model has no calibration, without which no coverage can be "
                + "promised; make one with headserve calibrate, or leave it out",
            pointer: field.pointer)
    }

    static func tooManySamples(
        _ estimator: EstimatorChoice, least: Int, limit: Int, _ field: RequestField
    ) -> Refusal {
        Refusal(
            status: 422, code: "not_available", title: "Unprocessable Content",
            detail: "\(field): \(estimator.rawValue) takes \(least) samples at least, and this "
                + "server allows \(limit) (--max-samples): leave it out, or ask for monte-carlo",
            pointer: field.pointer)
    }

    static func scoresOnly(_ field: RequestField) -> Refusal {
        Refusal(
            status: 422, code: "no_probabilities", title: "Unprocessable Content",
            detail: "\(field): this model only ranks labels: its scores are no probabilities",
            pointer: field.pointer)
    }

    static func responseTooLarge(limit: Int) -> Refusal {
        Refusal(
            status: 422, code: "response_too_large", title: "Unprocessable Content",
            detail: "the answer would be longer than \(limit) bytes: ask for fewer instances or "
                + "fewer labels")
    }

    static func overflow(_ instance: RequestField) -> Refusal {
        Refusal(
            status: 422, code: "numeric_overflow", title: "Unprocessable Content",
            detail: "\(instance): its values are so large that its logits are not finite in "
                + "float32",
            pointer: instance.pointer)
    }

    static let deadline = Refusal(
        status: 504, code: "deadline_exceeded", title: "Gateway Timeout",
        detail: "the answer was not ready before the request's deadline")

    static func queueFull(waitingRows: Int, limit: Int, wait: UInt64) -> Refusal {
        Refusal(
            status: 429, code: "queue_full", title: "Too Many Requests",
            detail: "\(waitingRows) of at most \(limit) rows of this client wait already",
            retryAfter: seconds(wait))
    }

    static func deadlineOutOfReach(wait: UInt64) -> Refusal {
        Refusal(
            status: 429, code: "deadline_out_of_reach", title: "Too Many Requests",
            detail: "what waits already takes about \(wait / 1_000_000) ms, longer than the "
                + "request has",
            retryAfter: seconds(wait))
    }

    /// The process holds as many bytes as it may.
    static let outOfRoom = Refusal(HTTPParseError.outOfRoom)

    /// Something that must not happen did; the process goes on.
    static let internalError = Refusal(
        status: 500, code: "internal_error", title: "Internal Server Error",
        detail: "the answer could not be written")

    static let notReady = Refusal(
        status: 503, code: "not_ready", title: "Service Unavailable",
        detail: "the models are being loaded", retryAfter: 1)

    static let lostWeights = Refusal(
        status: 503, code: "model_unreadable", title: "Service Unavailable",
        detail: "the model's file was shortened, or the disk failed, after it was loaded; the "
            + "model needs a reload",
        retryAfter: 1)

    static let draining = Refusal(
        status: 503, code: "draining", title: "Service Unavailable",
        detail: "the server is shutting down", retryAfter: 1)

    /// Nanoseconds rounded up to whole seconds, at least one.
    private static func seconds(_ nanoseconds: UInt64) -> Int {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return max(1, Int(clamping: whole + (rest > 0 ? 1 : 0)))
    }
}

extension Refusal {
    /// A body that the API does not take.
    init(_ error: RequestError) {
        self.init(
            status: error.status, code: error.code, title: error.title,
            detail: error.description, pointer: error.pointer,
            retryAfter: error.status == 503 ? 1 : nil)
    }

    /// Rows that were computed and have no answer.
    init(_ error: AnswerError) {
        switch error {
        case .notWanted: self = .deadline
        case .lostWeights: self = .lostWeights
        case .overflow(let instance): self = .overflow(instance)
        case .tooLong(let maxBytes): self = .responseTooLarge(limit: maxBytes)
        case .notFinite: self = .internalError
        }
    }

    /// A message that HTTP does not allow, or that is over a limit.
    init(_ error: HTTPParseError) {
        self.init(
            status: error.status, code: Self.code(ofStatus: error.status),
            title: error.title, detail: error.description,
            retryAfter: error == .outOfRoom ? 1 : nil)
    }

    /// A coded body that cannot be decoded.
    init(_ error: ContentCodingError) {
        switch error {
        case .unsupported:
            self.init(
                status: 415, code: "unsupported_content_encoding",
                title: "Unsupported Media Type", detail: error.description,
                acceptedCodings: ContentCoding.accepted)
        case .malformed, .truncated, .trailingBytes:
            self.init(
                status: 400, code: "malformed_content_coding", title: "Bad Request",
                detail: error.description)
        case .tooLong(let limit): self.init(HTTPParseError.bodyTooLong(limit: limit))
        case .outOfMemory: self = .outOfRoom
        }
    }

    private static func code(ofStatus status: Int) -> String {
        switch status {
        case 408: "request_timeout"
        case 413: "body_too_large"
        case 414: "target_too_long"
        case 417: "unsupported_expectation"
        case 431: "headers_too_large"
        case 501: "not_implemented"
        case 503: "out_of_room"
        case 505: "unsupported_http_version"
        default: "malformed_http"
        }
    }
}
