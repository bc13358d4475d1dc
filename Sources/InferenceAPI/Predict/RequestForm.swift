/// How a request says what it asks for, and so how mistakes in it are named.
package enum RequestForm: Sendable, Equatable {
    /// A JSON object with everything in it.
    case json
    /// A NumPy array of rows; the rest stands in the query string.
    case array

    /// Where the parameter of this name stands.
    package func parameter(_ name: String) -> RequestField {
        switch self {
        case .json: .body(JSONPointer().appending("parameters").appending(name))
        case .array: .query(name)
        }
    }

    /// Where all instances stand.
    package var instances: RequestField {
        switch self {
        case .json: .body(RowDecoder.pointer)
        case .array: .array
        }
    }

    /// Where one instance stands.
    package func instance(_ index: Int) -> RequestField {
        switch self {
        case .json: .body(RowDecoder.pointer.appending(index))
        case .array: .row(index)
        }
    }
}
