/// The bytes of a pickle, read forward.
struct PickleInput {
    private let bytes: [UInt8]
    private(set) var offset = 0
    private let textLimit: Int

    init(_ bytes: [UInt8], textLimit: Int) {
        self.bytes = bytes
        self.textLimit = textLimit
    }

    mutating func byte() throws(PickleFault) -> UInt8 {
        guard offset < bytes.count else { throw .truncated }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// A little-endian unsigned number of 1 to 8 bytes.
    mutating func number(_ count: Int) throws(PickleFault) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A length that is checked before anything is allocated for it.
    mutating func length(_ count: Int) throws(PickleFault) -> Int {
        let length = try number(count)
        guard length <= UInt64(textLimit) else { throw .limit("bytes in one text", textLimit) }
        return Int(length)
    }

    mutating func take(_ count: Int) throws(PickleFault) -> ArraySlice<UInt8> {
        guard count >= 0, bytes.count - offset >= count else { throw .truncated }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    mutating func text(_ count: Int) throws(PickleFault) -> String {
        guard let text = String(validating: try take(count), as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    /// A line without its line end.
    mutating func line() throws(PickleFault) -> String {
        let rest = bytes[offset...].prefix(textLimit + 1)
        guard let end = rest.firstIndex(of: 0x0A) else {
            if rest.count > textLimit { throw .limit("bytes in one text", textLimit) }
            throw .truncated
        }
        let text = try text(end - offset)
        offset += 1
        return text
    }
}
