/// `chunk-ext` of RFC 9112 §7.1.1. Extensions are ignored, but malformed ones are refused, since
/// they are where two parsers of one stream begin to disagree.
enum ChunkExtensionGrammar {
    /// Whether the bytes are `*( BWS ";" BWS name [ BWS "=" BWS value ] )`.
    static func accepts(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        while !rest.isEmpty {
            skipWhitespace(&rest)
            guard skip(UInt8(ascii: ";"), in: &rest) else { return false }
            skipWhitespace(&rest)
            guard skipToken(&rest) else { return false }
            let beforeValue = rest
            skipWhitespace(&rest)
            guard skip(UInt8(ascii: "="), in: &rest) else {
                rest = beforeValue
                continue
            }
            skipWhitespace(&rest)
            guard skipToken(&rest) || skipQuotedString(&rest) else { return false }
        }
        return true
    }

    private static func skip(_ byte: UInt8, in rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == byte else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func skipWhitespace(_ rest: inout ArraySlice<UInt8>) {
        rest = rest.drop(while: Grammar.isWhitespace)
    }

    private static func skipToken(_ rest: inout ArraySlice<UInt8>) -> Bool {
        let token = rest.prefix(while: Grammar.token.contains)
        rest = rest.dropFirst(token.count)
        return !token.isEmpty
    }

    /// A quoted string with backslash pairs and no control bytes (RFC 9110 §5.6.4).
    private static func skipQuotedString(_ rest: inout ArraySlice<UInt8>) -> Bool {
        guard skip(UInt8(ascii: "\""), in: &rest) else { return false }
        while let byte = rest.first {
            rest = rest.dropFirst()
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.first, Grammar.isFieldValue(escaped) else { return false }
                rest = rest.dropFirst()
            } else if !Grammar.isFieldValue(byte) {
                return false
            }
        }
        return false
    }
}
