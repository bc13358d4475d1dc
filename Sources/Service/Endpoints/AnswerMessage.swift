internal import HTTPMessages
internal import HTTPTypes
internal import InferenceAPI

extension Answer {
    var status: Int {
        switch self {
        case .json, .text: 200
        case .methods: 204
        case .refusal(let refusal): refusal.status
        }
    }

    /// Bytes of the body, of a refusal's about none.
    var bodyBytes: Int {
        switch self {
        case .json(let bytes), .text(let bytes, _): bytes.count
        case .methods, .refusal: 0
        }
    }

    private static let serverTimingField = HTTPField.Name(literal: "Server-Timing")

    /// The HTTP message that carries the answer.
    func message(_ context: RequestContext) -> HTTPResponseMessage {
        var message: HTTPResponseMessage
        switch self {
        case .json(let bytes):
            message = HTTPResponseMessage(status: .ok, body: bytes)
            message.append(.contentType, literal: "application/json")
        case .text(let bytes, let contentType):
            message = HTTPResponseMessage(status: .ok, body: bytes)
            message.append(.contentType, literal: contentType)
        case .methods(let allowed):
            message = HTTPResponseMessage(status: .noContent)
            message.append(Refusal.allowField, literal: allowed)
        case .refusal(let refusal):
            message = refusal.message(context)
        }
        message.appendChecked(RequestNames.requestIDField, context.requestID)
        if let traceparent = context.traceparent {
            message.appendChecked(TraceParent.field, traceparent)
        }
        if let computation = context.work?.computation {
            message.appendChecked(Self.serverTimingField, computation.serverTiming)
        }
        return message
    }
}

extension Refusal {
    private static let retryAfterField = HTTPField.Name(literal: "Retry-After")
    fileprivate static let allowField = HTTPField.Name(literal: "Allow")

    fileprivate func message(_ context: RequestContext) -> HTTPResponseMessage {
        var message = HTTPResponseMessage(
            status: HTTPResponse.Status(code: status, reasonPhrase: title),
            body: problem(context).bytes)
        message.append(.contentType, literal: Problem.contentType)
        if let allowed { message.append(Self.allowField, literal: allowed) }
        if let challenge { message.append(.wwwAuthenticate, literal: challenge) }
        if let acceptedCodings { message.append(.acceptEncoding, literal: acceptedCodings) }
        if let retryAfter { message.appendChecked(Self.retryAfterField, String(retryAfter)) }
        return message
    }

    private func problem(_ context: RequestContext) -> Problem {
        Problem(
            title: title, status: status, detail: detail, code: code,
            requestID: context.requestID, pointer: pointer)
    }
}

extension HTTPResponseMessage {
    /// Adds a field whose value was checked where it was made: a value that HTTP cannot carry is a
    /// bug of this module.
    fileprivate mutating func appendChecked(_ name: HTTPField.Name, _ value: String) {
        do {
            try append(name, value)
        } catch {
            preconditionFailure("unchecked header value: \(error)")
        }
    }
}
