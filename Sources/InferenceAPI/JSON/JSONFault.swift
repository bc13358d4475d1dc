/// The token that a JSON text would have needed at some place to be JSON.
package enum JSONExpectation: Sendable, Hashable, CustomStringConvertible {
    case value, literal(String), digit
    case keyOrBrace, key, colon, commaOrBrace, commaOrBracket
    case escape, hexadecimalDigit, surrogatePair, closingQuote, escapedControl
    case utf8
    /// A number that is not so long.
    case shorterNumber(maxBytes: Int)
    case end

    package var description: String {
        switch self {
        case .value: "a JSON value"
        case .literal(let text): "'\(text)'"
        case .digit: "a digit"
        case .keyOrBrace: "a key or '}'"
        case .key: "a key"
        case .colon: "':'"
        case .commaOrBrace: "',' or '}'"
        case .commaOrBracket: "',' or ']'"
        case .escape: "one of \"\\/bfnrtu behind the backslash"
        case .hexadecimalDigit: "a hexadecimal digit"
        case .surrogatePair: "a high surrogate with its low one"
        case .closingQuote: "the string's closing quote"
        case .escapedControl: "control characters to be escaped"
        case .utf8: "valid UTF-8"
        case .shorterNumber(let count): "a number of at most \(count) characters"
        case .end: "the end of the text"
        }
    }
}
