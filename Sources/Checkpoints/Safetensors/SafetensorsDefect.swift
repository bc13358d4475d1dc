/// Defects of a safetensors file: one case per rule of the format that it breaks.
package enum SafetensorsDefect: Equatable, Sendable {
    /// The header begins with another character than `{`.
    case notAnObject
    case notUTF8(offset: Int)
    /// Text that is not JSON, or JSON of a form that does not occur in this header; `offset` is in
    /// bytes.
    case malformedHeader(offset: Int)
    /// Characters other than spaces after the header's object.
    case trailingBytes(offset: Int)
    case repeatedKey(String)
    case unknownKey(String)
    case missingKey(String)
    case unsupportedType(String)
    case negativeNumber(offset: Int)
    case numberTooLarge(offset: Int)
    case reversedOffsets(begin: Int, end: Int)
    /// The tensor's bytes begin behind those of the one before it.
    case gap(begin: Int, expected: Int)
    /// The tensor's bytes begin inside those of the one before it.
    case overlap(begin: Int, expected: Int)
    /// Data that no tensor covers.
    case uncoveredData(described: Int, found: Int)
    case lengthMismatch(declared: Int, found: Int)
}

extension SafetensorsDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAnObject: "the header does not begin with {"
        case .notUTF8(let offset): "the header is not UTF-8 at byte \(offset)"
        case .malformedHeader(let offset): "malformed header at byte \(offset)"
        case .trailingBytes(let offset):
            "something else than spaces behind the header's object, at byte \(offset)"
        case .repeatedKey(let key): "repeated key \"\(key)\" in the header"
        case .unknownKey(let key): "unknown key \"\(key)\" in the header"
        case .missingKey(let key): "no \"\(key)\" in the header"
        case .unsupportedType(let type): "element type \"\(type)\" is not read"
        case .negativeNumber(let offset): "a negative number in the header at byte \(offset)"
        case .numberTooLarge(let offset):
            "a number in the header at byte \(offset) does not fit a signed 64-bit integer"
        case .reversedOffsets(let begin, let end): "its data begin at \(begin) and end at \(end)"
        case .gap(let begin, let expected):
            "its data begin at \(begin), those before it end at \(expected)"
        case .overlap(let begin, let expected):
            "its data begin at \(begin), inside those before it, which end at \(expected)"
        case .uncoveredData(let described, let found):
            "the tensors cover \(described) of \(found) bytes of data"
        case .lengthMismatch(let declared, let found):
            "type and shape make \(declared) bytes, its offsets \(found)"
        }
    }
}
