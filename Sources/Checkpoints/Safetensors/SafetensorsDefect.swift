/// Defects of a safetensors file: one case per rule of the format that it breaks. Those of its
/// header's JSON are `JSONDefect`s.
package enum SafetensorsDefect: Equatable, Sendable {
    /// The header begins with another character than `{`.
    case notAnObject
    case unknownKey(String)
    case missingKey(String)
    case reversedOffsets(begin: Int, end: Int)
    /// The tensor's bytes begin behind those of the one before it.
    case gap(begin: Int, expected: Int)
    /// The tensor's bytes begin inside those of the one before it.
    case overlap(begin: Int, expected: Int)
    /// Data that no tensor covers.
    case uncoveredData(described: Int, found: Int)
    case lengthMismatch(declared: Int, found: Int)
    /// Elements of less than a byte that do not fill the last one.
    case partialByte(bitCount: Int)
}

extension SafetensorsDefect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAnObject: "the header does not begin with {"
        case .unknownKey(let key): "unknown key \"\(key)\" in the header"
        case .missingKey(let key): "no \"\(key)\" in the header"
        case .reversedOffsets(let begin, let end): "its data begin at \(begin) and end at \(end)"
        case .gap(let begin, let expected):
            "its data begin at \(begin), those before it end at \(expected)"
        case .overlap(let begin, let expected):
            "its data begin at \(begin), inside those before it, which end at \(expected)"
        case .uncoveredData(let described, let found):
            "the tensors cover \(described) of \(found) bytes of data"
        case .lengthMismatch(let declared, let found):
            "type and shape make \(declared) bytes, its offsets \(found)"
        case .partialByte(let bitCount):
            "type and shape make \(bitCount) bits, which do not fill their last byte"
        }
    }
}
