/// The type of a JSON value, as a message names it.
package enum JSONKind: Sendable, Hashable, CustomStringConvertible {
    case null, bool, integer, fraction, string, array, object
    /// Either kind of number.
    case number
    /// An integer that is not negative.
    case unsignedInteger

    package var description: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .fraction: "a number with a fraction or an exponent"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        case .number: "a number"
        case .unsignedInteger: "an unsigned integer"
        }
    }
}
