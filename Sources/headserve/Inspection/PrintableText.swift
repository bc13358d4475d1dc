/// Text for a terminal, which obeys control characters; names in a checkpoint may hold any.
extension String {
    /// The text with escapes in the place of control characters and line ends.
    var printable: String {
        guard unicodeScalars.contains(where: Self.isControl) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            text += Self.isControl(scalar) ? scalar.escaped(asASCII: true) : String(scalar)
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
