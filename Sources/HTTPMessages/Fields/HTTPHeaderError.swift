/// The reason why a field cannot be added to an answer.
package enum HTTPHeaderError: Error, Equatable, Sendable {
    /// The value has a byte that is not allowed in a header line, or white space at an end.
    case illegalValue(name: String)
    /// The field describes the message's framing, which only the serializer decides.
    case framing(name: String)
}

extension HTTPHeaderError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .illegalValue(let name): "the value of \(name) cannot stand in a header line"
        case .framing(let name): "\(name) is set by the connection, not by an answer"
        }
    }
}
