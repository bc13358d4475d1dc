/// Appends parts of a message without an intermediate array.
extension [UInt8] {
    /// Appends CR and LF.
    mutating func appendLineEnd() {
        append(Grammar.carriageReturn)
        append(Grammar.lineFeed)
    }

    /// Appends the bytes of a span.
    mutating func append(span: Span<UInt8>) {
        // The pointer is used for the copy only.
        unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
