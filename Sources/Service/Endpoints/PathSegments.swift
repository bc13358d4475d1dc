internal import ByteText

/// The segments of a target's path, percent-decoded once.
///
/// A path is cut at its slashes before anything is decoded (RFC 3986 §2.4), so `%2F` is a character
/// of its segment. Every other character means the same whether it is encoded or not: a client that
/// encodes the colon of `:predict`, as many do, reaches the same endpoint. Nothing is decoded
/// twice: `%253A` is the text `%3A`.
struct PathSegments: Sendable, Equatable {
    /// UTF-8, at least one segment.
    let texts: [[UInt8]]

    /// Nil where a segment is not percent-encoded UTF-8.
    init?(_ path: String) {
        var texts: [[UInt8]] = []
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for part in parts {
            guard part.contains(UInt8(ascii: "%")) else {
                texts.append(Array(part))
                continue
            }
            guard let text = PercentEncoding.decoded(part) else { return nil }
            texts.append(Array(text.utf8))
        }
        self.texts = texts
    }
}
