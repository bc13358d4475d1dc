/// The path of an endpoint. A segment may have one placeholder, perhaps with text around it, as in
/// `/v1/models/{model}:predict`; without any the pattern is the path itself.
struct PathPattern: Sendable {
    /// The comparison of a path with a pattern.
    enum Match: Equatable {
        case none
        /// The fixed parts fit. The values of the placeholders in their order; nil where one is
        /// empty. No other pattern is asked then.
        case fits([String]?)
    }

    private enum Segment: Sendable {
        case text([UInt8])
        case placeholder(prefix: [UInt8], suffix: [UInt8])
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
            else { return .text(Array(segment.utf8)) }
            names.append(String(segment[segment.index(after: open)..<close]))
            return .placeholder(
                prefix: Array(segment[..<open].utf8),
                suffix: Array(segment[segment.index(after: close)...].utf8))
        }
        self.names = names
    }

    var isFixed: Bool { names.isEmpty }

    /// Compares byte by byte: letters that Unicode holds for equal are different ones in a path.
    func match(_ path: PathSegments) -> Match {
        guard path.texts.count == segments.count else { return .none }
        var values: [ArraySlice<UInt8>] = []
        for (part, segment) in zip(path.texts, segments) {
            switch segment {
            case .text(let text): guard part == text else { return .none }
            case .placeholder(let prefix, let suffix):
                guard part.starts(with: prefix),
                    part.dropFirst(prefix.count).suffix(suffix.count) == suffix[...]
                else { return .none }
                values.append(part.dropFirst(prefix.count).dropLast(suffix.count))
            }
        }
        guard values.allSatisfy({ !$0.isEmpty }) else { return .fits(nil) }
        return .fits(values.map { String(decoding: $0, as: UTF8.self) })
    }
}
