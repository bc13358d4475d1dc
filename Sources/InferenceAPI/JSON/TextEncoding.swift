/// Encodings of Unicode text that JSON between systems may not have (RFC 8259 §8.1).
package enum TextEncoding: String, Sendable, Hashable, CaseIterable {
    case utf16BigEndian = "UTF-16, big-endian"
    case utf16LittleEndian = "UTF-16, little-endian"
    case utf32BigEndian = "UTF-32, big-endian"
    case utf32LittleEndian = "UTF-32, little-endian"

    /// Recognises a byte order mark, or else the zero bytes of two ASCII characters, with which
    /// every request begins (RFC 4627 §3). Nil for any other text, UTF-8 among them. O(1).
    init?(of text: Span<UInt8>) {
        let bytes = text.indices.prefix(4).map { text[$0] }
        if let (encoding, _) = Self.marks.first(where: { bytes.starts(with: $1) }) {
            self = encoding
            return
        }
        switch bytes.map({ $0 == 0 }) {
        case [true, true, true, false]: self = .utf32BigEndian
        case [false, true, true, true]: self = .utf32LittleEndian
        case [true, false, true, false], [true, false]: self = .utf16BigEndian
        case [false, true, false, true], [false, true]: self = .utf16LittleEndian
        default: return nil
        }
    }

    /// Longer ones first, as the mark of UTF-32 may begin with that of UTF-16.
    private static let marks: [(TextEncoding, [UInt8])] = [
        (.utf32BigEndian, [0x00, 0x00, 0xFE, 0xFF]),
        (.utf32LittleEndian, [0xFF, 0xFE, 0x00, 0x00]),
        (.utf16BigEndian, [0xFE, 0xFF]), (.utf16LittleEndian, [0xFF, 0xFE]),
    ]
}
