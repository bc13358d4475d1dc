/// Reads the members of an object of which all keys are known.
enum JSONObjectReader {
    /// The values of `keys`, in their order, nil where the object lacks one. A key that is not
    /// among them or that comes twice is an error, whichever comes first in the document.
    static func members(
        of object: JSONValue, keys: [String], at pointer: @autoclosure () -> JSONPointer
    ) throws(RequestError) -> [JSONValue?] {
        let kind = object.kind
        if kind != .object { throw .wrongType(.body(pointer()), expected: [.object], found: kind) }
        var values = [JSONValue?](repeating: nil, count: keys.count)
        for (key, value) in object.members {
            guard let index = keys.firstIndex(of: key) else {
                throw .unknownKey(.body(pointer().appending(key)), allowed: keys)
            }
            if values[index] != nil { throw .repeatedKey(.body(pointer().appending(key))) }
            values[index] = value
        }
        return values
    }
}
