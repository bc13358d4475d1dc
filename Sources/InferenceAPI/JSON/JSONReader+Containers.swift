extension JSONReader {
    /// Reads an array; `body` reads an element, whose index it is given, and nothing behind it. The
    /// result is the number of elements. The next byte is the opening bracket.
    mutating func array(
        _ body: (Int, inout JSONReader) throws(RequestError) -> Void
    ) throws(RequestError) -> Int {
        guard try open(UInt8(ascii: "]")) else { return 0 }
        path.append(.element(0))
        var index = 0
        while true {
            path[path.count - 1] = .element(index)
            try body(index, &self)
            index += 1
            guard try goOn(UInt8(ascii: "]"), .commaOrBracket) else { return index }
        }
    }

    /// Reads an object of which all keys are known; `body` reads the value of a member, given its
    /// key's index in `keys`, and nothing behind it. Tells which keys were there; one that is not
    /// known, or comes twice, is an error. The next byte is the opening brace.
    mutating func object(
        keys: [String], _ body: (Int, inout JSONReader) throws(RequestError) -> Void
    ) throws(RequestError) -> JSONKeySet {
        var seen = JSONKeySet()
        guard try open(UInt8(ascii: "}")) else { return seen }
        path.append(.member(nil))
        var expected = JSONExpectation.keyOrBrace
        while true {
            path[path.count - 1] = .member(nil)
            guard byte == UInt8(ascii: "\"") else { throw containerFault(expected) }
            let index = try key(among: keys)
            path[path.count - 1] = .member(keys[index])
            guard seen.insert(index) else { throw .repeatedKey(.body(pointer)) }
            skipSpace()
            guard byte == UInt8(ascii: ":") else { throw fault(.colon) }
            offset += 1
            skipSpace()
            try body(index, &self)
            guard try goOn(UInt8(ascii: "}"), .commaOrBrace) else { return seen }
            expected = .key
        }
    }

    /// Steps behind an opening bracket or brace; false if the container is empty, and then behind
    /// its end.
    private mutating func open(_ end: UInt8) throws(RequestError) -> Bool {
        offset += 1
        skipSpace()
        guard byte == end else { return true }
        offset += 1
        return false
    }

    /// Steps behind the comma after an element or member; false at the container's end, and then
    /// behind it.
    private mutating func goOn(
        _ end: UInt8, _ expected: JSONExpectation
    ) throws(RequestError) -> Bool {
        skipSpace()
        let next = byte
        guard next == UInt8(ascii: ",") || next == end else { throw containerFault(expected) }
        offset += 1
        if next == end {
            path.removeLast()
            return false
        }
        skipSpace()
        return true
    }

    /// Reads a key; its index among those that are known.
    private mutating func key(among keys: [String]) throws(RequestError) -> Int {
        load(Self.usualKeyBytes)
        if let index = keys.firstIndex(where: { stands($0) }) {
            offset += keys[index].utf8.count + 2
            return index
        }
        let key = try string(maxBytes: JSONPointer.maxKeyBytes)
        if key.isWhole, let index = keys.firstIndex(of: key.text) { return index }
        // A key that is too long for a pointer is left out: then it is the object's.
        if key.isWhole { path[path.count - 1] = .member(key.text) }
        throw .unknownKey(.body(pointer), allowed: keys)
    }

    /// Bytes of any known key with its quotes.
    private static let usualKeyBytes = 32

    /// Whether the next bytes are the key in quotes, without escapes.
    private func stands(_ key: String) -> Bool {
        let key = key.utf8.span
        let start = offset + 1
        let end = start + key.count
        return end < bytes.count && bytes[end] == UInt8(ascii: "\"")
            && key.indices.allSatisfy { bytes[start + $0] == key[$0] }
    }
}
