internal import ByteText

/// The path of an endpoint. A segment may have one placeholder, perhaps with text around it, as in
/// `/v1/models/{model}:predict`; without any the pattern is the path itself.
struct PathPattern: Sendable {
    /// The comparison of a path with a pattern.
    enum Match: Equatable {
        case none
        /// The fixed parts fit. The values of the placeholders, percent-decoded, in their order;
        /// nil where the text in the place of one cannot be a value. No other pattern is asked
        /// then.
        case fits([String]?)
    }

    private enum Segment: Sendable {
        case text(String)
        case placeholder(prefix: String, suffix: String)
    }

    let text: String
    /// The names of the placeholders, in their order.
    let names: [String]
    private let segments: [Segment]

    init(_ text: String) {
        self.text = text
        var names: [String] = []
        segments = text.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard let open = segment.firstIndex(of: "{"), let close = segment.firstIndex(of: "}")
            else { return .text(String(segment)) }
            names.append(String(segment[segment.index(after: open)..<close]))
            return .placeholder(
                prefix: String(segment[..<open]),
                suffix: String(segment[segment.index(after: close)...]))
        }
        self.names = names
    }

    var isFixed: Bool { names.isEmpty }

    func match(_ path: String) -> Match {
        if isFixed { return path == text ? .fits([]) : .none }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == segments.count else { return .none }
        var values: [Substring] = []
        for (part, segment) in zip(parts, segments) {
            switch segment {
            case .text(let text): guard part == text else { return .none }
            case .placeholder(let prefix, let suffix):
                guard part.hasPrefix(prefix), part.dropFirst(prefix.count).hasSuffix(suffix)
                else { return .none }
                values.append(part.dropFirst(prefix.count).dropLast(suffix.count))
            }
        }
        return .fits(Self.decoded(values))
    }

    private static func decoded(_ values: [Substring]) -> [String]? {
        var decoded: [String] = []
        for value in values {
            guard !value.isEmpty, let text = PercentEncoding.decoded(value.utf8) else { return nil }
            decoded.append(text)
        }
        return decoded
    }
}
