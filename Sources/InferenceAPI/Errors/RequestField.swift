/// Where in a request a mistake is.
package enum RequestField: Sendable, Hashable, CustomStringConvertible {
    /// A place in the JSON body.
    case body(JSONPointer)
    /// A parameter of the query string.
    case query(String)
    /// The NumPy array that is the body.
    case array
    case row(Int)
    case element(row: Int, column: Int)

    package var pointer: JSONPointer? {
        guard case .body(let pointer) = self else { return nil }
        return pointer
    }

    package var description: String {
        switch self {
        case .body(let pointer) where pointer.text.isEmpty: "the body"
        case .body(let pointer): pointer.text
        case .query(let name): "query parameter \(Excerpt(name))"
        case .array: "the array"
        case .row(let row): "row \(row) of the array"
        case .element(let row, let column): "row \(row), column \(column) of the array"
        }
    }
}

/// A client's text in quotes, cut to a length that suits a message.
package struct Excerpt: CustomStringConvertible {
    package static let maximumScalars = 100
    package let description: String

    package init(_ text: String) {
        description = "'\(Self.cut(text))'"
    }

    /// The same without quotes.
    static func cut(_ text: String) -> String {
        let start = text.unicodeScalars.prefix(maximumScalars)
        let isCut = start.endIndex != text.unicodeScalars.endIndex
        return String(start) + (isCut ? "…" : "")
    }
}
