internal import HTTPMessages
internal import HTTPTypes
internal import Synchronization

/// What one request carries from its arrival to its answer besides its content.
struct RequestContext: Sendable {
    let requestID: String
    let traceparent: String?
    /// Monotonic nanoseconds.
    let arrival: UInt64
    /// The codings that the answer may have.
    let codings: AcceptedCodings
    var route = Route.noneLabel
    /// The model that answers; empty where none does.
    var model = ""
}

/// Names requests, and takes over the names clients give.
final class RequestNames: Sendable {
    static let requestIDField = HTTPField.Name(literal: "X-Request-Id")
    static let traceparentField = HTTPField.Name(literal: "traceparent")
    private static let maximumLength = 128

    private let prefix = String(UInt32.random(in: .min ... .max), radix: 16)
    private let counter = Atomic<UInt64>(0)

    func context(of headers: HTTPHeaders?, arrival: UInt64) -> RequestContext {
        RequestContext(
            requestID: headers?[Self.requestIDField].flatMap(Self.sane) ?? next(),
            traceparent: headers?[Self.traceparentField].flatMap(Self.validTraceparent),
            arrival: arrival, codings: headers.map(AcceptedCodings.init(of:)) ?? AcceptedCodings())
    }

    private func next() -> String {
        let ordinal = counter.wrappingAdd(1, ordering: .relaxed).oldValue
        return "\(prefix)-\(String(ordinal, radix: 16))"
    }

    /// A client's identifier is kept when it is 1 to 128 visible ASCII characters.
    private static func sane(_ text: String) -> String? {
        let isSane =
            (1...maximumLength).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isSane ? text : nil
    }

    /// `version-trace-parent-flags` in lower-case hexadecimal, as W3C Trace Context writes it.
    private static func validTraceparent(_ text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [2, 32, 16, 2],
            parts.joined().utf8.allSatisfy({ isLowerHexadecimal($0) })
        else { return nil }
        return text
    }

    private static func isLowerHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
