internal import ByteText

/// Place of a mistake in a request.
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
