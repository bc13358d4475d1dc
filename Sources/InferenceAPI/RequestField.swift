/// Where in a request a mistake is.
package enum RequestField: Sendable, Hashable, CustomStringConvertible {
    /// A place in the JSON body.
    case body(JSONPointer)
    /// A parameter of the query string.
    case query(String)

    package var pointer: JSONPointer? {
        guard case .body(let pointer) = self else { return nil }
        return pointer
    }

    package var description: String {
        switch self {
        case .body(let pointer) where pointer.text.isEmpty: "the body"
        case .body(let pointer): pointer.text
        case .query(let name): "query parameter \(Excerpt(name))"
        }
    }
}

/// A client's text in quotes, cut to a length that suits a message.
package struct Excerpt: CustomStringConvertible {
    package static let maximumScalars = 100
    package let description: String

    package init(_ text: String) {
        let start = text.unicodeScalars.prefix(Self.maximumScalars)
        let isCut = start.endIndex != text.unicodeScalars.endIndex
        description = "'\(String(start))\(isCut ? "…" : "")'"
    }
}
