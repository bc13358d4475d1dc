/// Identifiers of the text format: ASCII, not beginning with a digit.
enum MetricName {
    static func check(_ name: String) throws(MetricError) {
        if !isIdentifier(name, allowsColon: true) { throw .invalidName(name) }
    }

    /// Refuses invalid labels and reserved ones: those with two leading underscores belong to
    /// Prometheus, `le` to histograms.
    static func check(labels: [String], of metric: String) throws(MetricError) {
        var seen: Set<String> = []
        for label in labels {
            let isReserved = label.hasPrefix("__") || label == "le"
            if isReserved || !isIdentifier(label, allowsColon: false) {
                throw .invalidLabel(label, metric: metric)
            }
            if !seen.insert(label).inserted {
                throw .repeatedLabel(label, metric: metric)
            }
        }
    }

    private static func isIdentifier(_ name: String, allowsColon: Bool) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy { byte in
            isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "_")
                || (allowsColon && byte == UInt8(ascii: ":"))
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
