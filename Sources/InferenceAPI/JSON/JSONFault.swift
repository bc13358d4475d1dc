/// The token that a JSON text would have needed at some place to be JSON.
package enum JSONExpectation: Sendable, Hashable, CustomStringConvertible {
    case value, literal(String), digit
    case keyOrBrace, key, colon, commaOrBrace, commaOrBracket
    case escape, hexadecimalDigit, surrogatePair, closingQuote, escapedControl
    case utf8
    case depth(limit: Int)
    case end
    /// The parser refused a text in which the scanner finds no fault.
    case acceptableText

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
        case .depth(let limit): "at most \(limit) arrays and objects inside each other"
        case .end: "the end of the text"
        case .acceptableText: "JSON that the parser takes"
        }
    }
}

/// The first place at which a text stops being JSON.
struct JSONFault: Error, Equatable {
    let offset: Int
    let expected: JSONExpectation
    let pointer: JSONPointer
}
