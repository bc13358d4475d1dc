/// A header line of a request or trailer section, checked against RFC 9112 §5 without any of the
/// leniency that request smuggling relies on.
struct HeaderLine {
    var name: ArraySlice<UInt8>
    /// The value without the white space around it.
    var value: ArraySlice<UInt8>

    /// Parses a line without its line end. Refuses leading white space (a folded line), an empty
    /// name, anything but token characters before the colon, and control bytes in the value.
    init(_ line: ArraySlice<UInt8>) throws(HTTPParseError) {
        if let first = line.first, Grammar.isWhitespace(first) { throw .foldedHeader }
        let token = Grammar.token
        name = line.prefix { token.contains($0) }
        let rest = line.dropFirst(name.count)
        guard !name.isEmpty, rest.first == UInt8(ascii: ":") else { throw .malformedHeader }
        value = rest.dropFirst().trimmingWhitespace()
        guard value.allSatisfy(Grammar.isFieldValue) else { throw .malformedHeader }
    }
}
