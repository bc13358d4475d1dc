internal import NumPyFormat

extension ArrayDefect {
    /// A term for the elements of an array, in a file of its own or in a pickle, that is unread for
    /// this reason only; nil where the array is damaged or not one.
    var unreadType: String? {
        switch self {
        case .objects: "objects"
        case .structured: "records"
        case .unsupportedType(let descriptor): Self.term(for: descriptor)
        default: nil
        }
    }

    /// Characters of a descriptor that stands for itself: files may have kilobytes there.
    private static let longestDescriptor = 40

    private static func term(for descriptor: String) -> String {
        let kind = descriptor.drop { "<>|=".contains($0) }
        let itself = String(descriptor.prefix(longestDescriptor))
        switch kind.first {
        case "U", "S", "a": return "strings"
        case "M", "m": return "dates"
        case "V": return "bytes"
        case "c": return Int(kind.dropFirst()).map { "complex\(8 &* $0)" } ?? itself
        default: return itself
        }
    }
}
