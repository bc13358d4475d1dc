/// Bytes of a message, appended without an array between.
extension [UInt8] {
    /// CR and LF.
    mutating func appendLineEnd() {
        append(Grammar.carriageReturn)
        append(Grammar.lineFeed)
    }

    /// The bytes of a span.
    mutating func append(span: Span<UInt8>) {
        // The pointer lives for the copy only.
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
