/// Names a place in a JSON document as RFC 6901 writes it; the empty pointer is the whole document.
package struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    /// A longer key is left out, and the pointer names the object that has it: an answer does not
    /// carry a client's megabytes back.
    package static let maxKeyBytes = 256

    /// For example `/instances/3/17`.
    package let text: String

    package init() {
        text = ""
    }

    private init(text: String) {
        self.text = text
    }

    package func appending(_ index: Int) -> JSONPointer {
        JSONPointer(text: "\(text)/\(index)")
    }

    /// `~` and `/` inside a key become `~0` and `~1`.
    package func appending(_ key: String) -> JSONPointer {
        if key.utf8.count > Self.maxKeyBytes { return self }
        let needsEscape = key.utf8.contains { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }
        if !needsEscape { return JSONPointer(text: "\(text)/\(key)") }
        var escaped = ""
        for scalar in key.unicodeScalars {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return JSONPointer(text: "\(text)/\(escaped)")
    }

    package var description: String { text }
}
