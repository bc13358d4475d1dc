/// A client's text in quotes, cut to a length that suits a message.
package struct Excerpt: CustomStringConvertible {
    package static let maxScalars = 100
    package let description: String

    package init(_ text: String) {
        description = "'\(Self.cut(text))'"
    }

    /// The same without quotes.
    package static func cut(_ text: String) -> String {
        let start = text.unicodeScalars.prefix(maxScalars)
        let isCut = start.endIndex != text.unicodeScalars.endIndex
        return String(start) + (isCut ? "…" : "")
    }
}
