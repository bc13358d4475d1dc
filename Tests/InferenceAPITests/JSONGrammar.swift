import Foundation

/// RFC 8259 by recursive descent over a whole text: slow, and nothing like the reader under test.
struct JSONGrammar {
    private var rest: ArraySlice<UInt8>

    static func accepts(_ text: [UInt8]) -> Bool {
        // Strings may hold what Foundation finds to be UTF-8.
        guard String(bytes: text, encoding: .utf8) != nil else { return false }
        var grammar = JSONGrammar(rest: text[...])
        grammar.space()
        guard grammar.value() else { return false }
        grammar.space()
        return grammar.rest.isEmpty
    }

    private mutating func space() { rest = rest.drop { " \n\t\r".utf8.contains($0) } }

    private mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    private mutating func value() -> Bool {
        switch rest.first {
        case UInt8(ascii: "["): return list("[", "]") { $0.value() }
        case UInt8(ascii: "{"):
            return list("{", "}") { grammar in
                guard grammar.string() else { return false }
                grammar.space()
                guard grammar.take(":") else { return false }
                grammar.space()
                return grammar.value()
            }
        case UInt8(ascii: "\""): return string()
        default:
            if ["true", "false", "null"].contains(where: { take($0) }) { return true }
            let number = rest.prefix { "+-.0123456789eE".utf8.contains($0) }
            rest = rest.dropFirst(number.count)
            return isJSONNumber(Array(number))
        }
    }

    private mutating func list(
        _ open: String, _ close: String, _ item: (inout JSONGrammar) -> Bool
    ) -> Bool {
        guard take(open) else { return false }
        space()
        if take(close) { return true }
        repeat {
            space()
            guard item(&self) else { return false }
            space()
        } while take(",")
        return take(close)
    }

    private mutating func string() -> Bool {
        guard take("\"") else { return false }
        var units: [UInt16] = []
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "\""):
                rest = rest.dropFirst()
                // Surrogates come in pairs.
                return Array(String(decoding: units, as: UTF16.self).utf16) == units
            case ..<0x20: return false
            case UInt8(ascii: "\\"):
                rest = rest.dropFirst()
                guard let unit = escape() else { return false }
                units.append(unit)
            default:
                units.append(UInt16(byte & 0x7F))
                rest = rest.dropFirst()
            }
        }
        return false
    }

    private mutating func escape() -> UInt16? {
        guard let letter = rest.first else { return nil }
        rest = rest.dropFirst()
        if "\"\\/bfnrt".utf8.contains(letter) { return 0x20 }
        guard letter == UInt8(ascii: "u"), rest.count >= 4 else { return nil }
        let digits = String(decoding: rest.prefix(4), as: UTF8.self)
        guard digits.allSatisfy(\.isHexDigit) else { return nil }
        rest = rest.dropFirst(4)
        return UInt16(digits, radix: 16)
    }
}
