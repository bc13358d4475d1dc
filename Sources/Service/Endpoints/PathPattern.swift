internal import ByteText

/// The path of an endpoint. Without a placeholder it is the path itself; else one segment of it is
/// `{model}`, perhaps with text around it, as in `/v1/models/{model}:predict`.
struct PathPattern: Sendable {
    /// How a path compares with a pattern.
    enum Match: Equatable {
        case none
        /// The fixed parts fit; the placeholder's value, percent-decoded, or nil where the path has
        /// none that can be one. No other pattern is asked then.
        case fits(model: String?)
    }

    let text: String
    private let prefix: String
    /// Nil without a placeholder.
    private let suffix: String?

    private static let placeholder = "{model}"

    init(_ text: String) {
        self.text = text
        guard let range = text.firstRange(of: Self.placeholder) else {
            (prefix, suffix) = (text, nil)
            return
        }
        prefix = String(text[..<range.lowerBound])
        suffix = String(text[range.upperBound...])
    }

    var isFixed: Bool { suffix == nil }

    func match(_ path: String) -> Match {
        guard let suffix else { return path == text ? .fits(model: nil) : .none }
        guard path.hasPrefix(prefix) else { return .none }
        let rest = path.dropFirst(prefix.count)
        guard rest.hasSuffix(suffix) else { return .none }
        let value = rest.dropLast(suffix.count)
        guard !value.utf8.contains(UInt8(ascii: "/")) else { return .none }
        return .fits(model: value.isEmpty ? nil : PercentEncoding.decoded(value.utf8))
    }
}
