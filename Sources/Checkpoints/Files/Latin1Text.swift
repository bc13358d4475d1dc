/// Text in UTF-8 of which each character, at most U+00FF, is a byte, decoded piece by piece.
struct Latin1Text {
    private let text: ByteView
    private var offset = 0
    /// Bytes of the text whose pages were let go.
    private var passed = 0

    init(_ text: ByteView) { self.text = text }

    /// The number of bytes that `text` stands for; nil when it is not such a text. One pass.
    static func byteCount(of text: ByteView) -> Int? {
        text.withSpan { span in
            var (count, index) = (0, 0)
            while index < span.count {
                // U+0080 to U+00FF: 110000xx 10xxxxxx.
                switch span[index] {
                case 0x00...0x7f: index += 1
                case 0xc2...0xc3
                where index + 1 < span.count && (0x80...0xbf).contains(span[index + 1]):
                    index += 2
                default: return nil
                }
                count += 1
            }
            return count
        }
    }

    /// Writes the next `count` bytes to the front of `output`: zeros where there are none, as the
    /// file may have changed since it was looked through.
    mutating func read(_ count: Int, into output: inout [UInt8]) {
        offset = text.withSpan { span in
            var index = offset
            for place in 0..<count {
                var byte: UInt8 = 0
                if index < span.count { byte = span[index] }
                if byte >= 0x80, index + 1 < span.count {
                    byte = byte << 6 | span[index + 1] & 0x3f
                    index += 1
                }
                output[place] = byte
                index += 1
            }
            return min(index, span.count)
        }
        text.slice(at: passed, count: offset - passed)?.letGo()
        passed = offset
    }
}
