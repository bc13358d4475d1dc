internal import HTTPMessages
internal import HTTPTypes
internal import InferenceAPI

/// The outcome of a request: an encoded answer or a refusal.
typealias Answer = Result<EncodedAnswer, Refusal>

extension Result<EncodedAnswer, Refusal> {
    /// The answer to OPTIONS.
    static func methods(_ allow: String) -> Answer {
        var answer = EncodedAnswer(status: 204, reason: "No Content", contentType: nil)
        answer.fields = [HeaderField("Allow", allow)]
        return .success(answer)
    }

    var status: Int {
        switch self {
        case .success(let answer): answer.status
        case .failure(let refusal): refusal.status
        }
    }

    /// Bytes of the body; 0 for a refusal, whose body is short.
    var bodyBytes: Int {
        switch self {
        case .success(let answer): answer.bytes.count
        case .failure: 0
        }
    }

    /// The HTTP message that carries the answer. An answer with a field that HTTP cannot carry is
    /// an internal error.
    func message(_ context: RequestContext) -> HTTPResponseMessage {
        let encoded: EncodedAnswer
        switch self {
        case .success(let answer): encoded = answer
        case .failure(let refusal): encoded = refusal.encoded(for: context)
        }
        guard var message = HTTPResponseMessage(encoded) else {
            return Answer.failure(.internalError).message(context)
        }
        message.appendChecked(RequestIDs.field, context.requestID)
        if let traceparent = context.traceparent {
            message.appendChecked(TraceParent.field, traceparent)
        }
        if let computation = context.work?.computation {
            message.appendChecked(FieldNames.serverTiming, computation.serverTiming)
        }
        return message
    }
}

private enum FieldNames {
    static let serverTiming = HTTPField.Name(literal: "Server-Timing")
}

extension Refusal {
    /// The answer in the form of errors that the request's endpoint has.
    fileprivate func encoded(for context: RequestContext) -> EncodedAnswer {
        var answer = context.errors.encode(
            Problem(
                title: title, status: status, detail: detail, code: code,
                requestID: context.requestID, pointer: pointer))
        answer.fields += fields
        return answer
    }

    /// The header fields that go with it.
    private var fields: [HeaderField] {
        var fields: [HeaderField] = []
        if let allowed { fields.append(HeaderField("Allow", allowed)) }
        if let challenge { fields.append(HeaderField("WWW-Authenticate", "\(challenge)")) }
        if let acceptedCodings {
            fields.append(HeaderField("Accept-Encoding", "\(acceptedCodings)"))
        }
        if let retryAfter { fields.append(HeaderField("Retry-After", String(retryAfter))) }
        return fields
    }
}

extension HTTPResponseMessage {
    /// Nil when a field's value cannot stand in a header line.
    fileprivate init?(_ answer: EncodedAnswer) {
        let status =
            answer.status == 200
            ? HTTPResponse.Status.ok
            : HTTPResponse.Status(code: answer.status, reasonPhrase: answer.reason)
        self.init(status: status, body: answer.bytes)
        if let contentType = answer.contentType {
            append(.contentType, literal: contentType)
        }
        for field in answer.fields {
            do {
                try append(HTTPField.Name(literal: field.name), field.value)
            } catch {
                return nil
            }
        }
    }

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
