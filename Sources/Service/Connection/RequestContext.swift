internal import HTTPMessages
internal import HTTPTypes
internal import InferenceAPI
internal import Synchronization

/// Facts about one request, from its arrival to its answer, besides its content.
struct RequestContext: Sendable {
    let requestID: String
    let traceparent: String?
    /// Monotonic nanoseconds.
    let arrival: UInt64
    /// The codings that the answer may have.
    let codings: AcceptedCodings
    /// The API key that its client has shown; nil where none is asked for.
    var key: APIKeyID?
    /// Empty where no request could be read.
    var method = ""
    var route = RouteLabels.none
    /// The form of errors for its client.
    var errors = ErrorForm.problemJSON
    /// The model that answers; empty where none does.
    var model = ""
    /// The cost of its prediction; nil where there was none.
    var work: RequestWork?
}

/// Gives requests identifiers, or takes over those that clients give.
final class RequestIDs: Sendable {
    static let field = HTTPField.Name(literal: "X-Request-Id")
    private static let maxIDBytes = 128

    private let prefix = String(UInt32.random(in: .min ... .max), radix: 16) + "-"
    private let counter = Atomic<UInt64>(0)

    func context(of headers: HTTPHeaders?, arrival: UInt64) -> RequestContext {
        RequestContext(
            requestID: headers?[Self.field].flatMap(Self.validated) ?? next(),
            traceparent: headers.flatMap(TraceParent.of),
            arrival: arrival, codings: headers.map(AcceptedCodings.init(of:)) ?? AcceptedCodings())
    }

    private func next() -> String {
        let ordinal = counter.wrappingAdd(1, ordering: .relaxed).oldValue
        return prefix + String(ordinal, radix: 16)
    }

    /// A client's identifier is kept when it is 1 to 128 visible ASCII characters.
    private static func validated(_ text: String) -> String? {
        let isValid =
            (1...maxIDBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isValid ? text : nil
    }
}
