/// Defects of a JSON text (RFC 8259), or of one that has not the form that it should have. Offsets
/// are in bytes of the text.
package enum JSONDefect: Equatable, Sendable {
    case notUTF8(offset: Int)
    /// Text that is not JSON, or JSON of a form that does not occur there.
    case malformed(offset: Int)
    /// Characters other than spaces after the outermost object.
    case trailingBytes(offset: Int)
    /// A key that stands twice in one object.
    case repeatedKey(String, first: Int, second: Int)
    case negativeNumber(offset: Int)
    case numberTooLarge(offset: Int)
}

extension JSONDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notUTF8(let offset): "not UTF-8 at byte \(offset)"
        case .malformed(let offset): "malformed at byte \(offset)"
        case .trailingBytes(let offset):
            "something else than spaces behind the object, at byte \(offset)"
        case .repeatedKey(let key, let first, let second):
            "key \"\(key)\" stands there twice, at bytes \(first) and \(second)"
        case .negativeNumber(let offset): "a negative number at byte \(offset)"
        case .numberTooLarge(let offset):
            "a number at byte \(offset) does not fit a signed 64-bit integer"
        }
    }
}
