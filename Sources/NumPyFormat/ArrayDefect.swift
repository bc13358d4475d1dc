/// Defects of a NumPy array.
package enum ArrayDefect: Error, Hashable, Sendable {
    case notNumPy
    /// The array ends before its header begins.
    case truncated(byteCount: Int)
    case unsupportedVersion(major: UInt8, minor: UInt8)
    case headerTooLong(Int, limit: Int)
    case malformedHeader(offset: Int)
    case unknownKey(String)
    case repeatedKey(String)
    case missingKey(String)
    case objects
    case structured
    case unsupportedType(String)
    case lengthMismatch(declared: Int, found: Int)
    /// Bytes follow the elements; how many is not known.
    case bytesBehind(declared: Int)
}

extension ArrayDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notNumPy: "not a NumPy array"
        case .truncated(let byteCount): "the array ends after \(byteCount) bytes"
        case .unsupportedVersion(let major, let minor): "array format \(major).\(minor) unknown"
        case .headerTooLong(let byteCount, let limit):
            "the array header has \(byteCount) bytes, of which \(limit) are allowed"
        case .malformedHeader(let offset): "malformed array header at character \(offset)"
        case .unknownKey(let key): "unknown key \"\(key)\" in the array header"
        case .repeatedKey(let key): "repeated key \"\(key)\" in the array header"
        case .missingKey(let key): "no \"\(key)\" in the array header"
        case .objects: "its elements are Python objects, which would need to be executed"
        case .structured: "its elements are records"
        case .unsupportedType(let descriptor): "element type \"\(descriptor)\" is not read"
        case .lengthMismatch(let declared, let found):
            "the header announces \(declared) bytes of data, \(found) are there"
        case .bytesBehind(let declared):
            "the header announces \(declared) bytes of data, more are there"
        }
    }
}
