/// A value of a `model.json`.
enum ManifestValue: Sendable, Equatable {
    case null
    case flag(Bool)
    /// The nearest double; infinite where none is large enough.
    case number(Double)
    case text(String)
    case list([ManifestValue])
    case object([ManifestMember])

    /// The value in the words of an error message, no longer than suits one.
    var excerpt: String {
        switch self {
        case .null: "null"
        case .flag(let flag): "\(flag)"
        case .number(let number): "\(number)"
        case .text(let text): ManifestExcerpt.quoted(text)
        case .list(let values) where values.count > ManifestExcerpt.maxValues:
            "a list of \(values.count) values"
        case .list(let values): "[" + values.map(\.excerpt).joined(separator: ", ") + "]"
        case .object: "an object"
        }
    }
}

/// A key of an object with its value. No other member of the object has an equal key.
struct ManifestMember: Sendable, Equatable {
    let key: String
    let value: ManifestValue
}

/// A part of a file in an error message: cut to a length that suits one, and without characters
/// that a terminal obeys.
enum ManifestExcerpt {
    static let maxScalars = 60
    static let maxValues = 8

    static func quoted(_ text: String) -> String { "'\(cut(text))'" }

    static func cut(_ text: String) -> String {
        let start = text.unicodeScalars.prefix(maxScalars)
        let isCut = start.endIndex != text.unicodeScalars.endIndex
        return start.map { $0.properties.generalCategory == .control ? codePoint($0) : "\($0)" }
            .joined() + (isCut ? "…" : "")
    }

    /// `U+001B` for an escape.
    static func codePoint(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
