internal import ByteText

/// A label as a request names it.
package enum LabelName: Sendable, Hashable, CustomStringConvertible {
    /// Nil for an integer that is no index of any model.
    case index(UInt64?)
    case name(String)

    /// Bytes of a name that are read; a longer one names no label.
    static let maxBytes = 1 << 16

    package var description: String {
        switch self {
        case .index(nil): "this index"
        case .index(let index?): "index \(index)"
        case .name(let name): Excerpt(name).description
        }
    }
}
