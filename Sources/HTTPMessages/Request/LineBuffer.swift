/// Collects the bytes of one line across fragments.
///
/// Both of its outcomes are functions of the bytes alone, not of their fragmentation: a line is
/// complete at its LF, and too long at the first byte past the limit without one.
struct LineBuffer: Sendable {
    enum Outcome {
        /// All bytes are taken and the line is not complete.
        case incomplete
        /// The line, including its CR LF, is in `bytes`.
        case complete
        /// `bytes` holds one byte more than the limit and no LF.
        case tooLong
    }

    private(set) var bytes: [UInt8] = []

    /// Appends bytes from `input` at `offset` up to and including an LF, to at most `limit` + 1
    /// bytes.
    mutating func read(from input: Span<UInt8>, at offset: inout Int, limit: Int) -> Outcome {
        let start = offset
        let end = min(input.count, start + max(0, limit - bytes.count) + 1)
        while offset < end {
            let byte = input[offset]
            offset += 1
            if byte == Grammar.lineFeed {
                bytes.append(span: input.extracting(start..<offset))
                return bytes.count > limit ? .tooLong : .complete
            }
        }
        bytes.append(span: input.extracting(start..<offset))
        return bytes.count > limit ? .tooLong : .incomplete
    }

    /// The line without its CR LF. An LF without its CR is refused; a CR elsewhere is left to the
    /// line's own grammar, none of which allows it.
    func content() throws(HTTPParseError) -> ArraySlice<UInt8> {
        guard bytes.count >= 2, bytes[bytes.count - 2] == Grammar.carriageReturn
        else { throw .bareLineFeed }
        return bytes[..<(bytes.count - 2)]
    }

    mutating func clear() { bytes.removeAll(keepingCapacity: true) }
}
