/// The mark that a UTF-8 text may begin with, as some editors write it. It is no part of the text.
package enum ByteOrderMark {
    package static let bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Bytes of the mark at the text's start; 0 where there is none.
    package static func length(in text: Span<UInt8>) -> Int {
        let isThere =
            text.count >= bytes.count && bytes.indices.allSatisfy { text[$0] == bytes[$0] }
        return isThere ? bytes.count : 0
    }
}

/// A search for bytes that no UTF-8 text has.
package enum UTF8Check {
    /// The first byte that does not belong to UTF-8 text; nil when all do. O(n).
    package static func firstFault(of text: Span<UInt8>) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: text)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }
}
