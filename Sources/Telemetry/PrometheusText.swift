/// Writes the Prometheus text exposition format, version 0.0.4.
package struct PrometheusText {
    package static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    /// UTF-8, complete lines.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Appends the `# HELP` and `# TYPE` lines that precede a metric's samples.
    package mutating func header(_ name: String, help: String, type: String) {
        append("# HELP \(name) ")
        appendEscaped(help, quotes: false)
        append("\n# TYPE \(name) \(type)\n")
    }

    package mutating func sample(_ name: String, labels: [MetricLabel], value: Double) {
        sample(name, labels: labels, number: Self.number(value))
    }

    package mutating func sample(_ name: String, labels: [MetricLabel], value: UInt64) {
        sample(name, labels: labels, number: String(value))
    }

    /// The shortest text that parses to the same value; infinities are `+Inf` and `-Inf`.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value.description
    }

    private mutating func sample(_ name: String, labels: [MetricLabel], number: String) {
        append(name)
        for (index, label) in labels.enumerated() {
            append(index == 0 ? "{" : ",")
            append(label.name)
            append("=\"")
            appendEscaped(label.value, quotes: true)
            append("\"")
        }
        append(labels.isEmpty ? " " : "} ")
        append(number)
        append("\n")
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Appends text with backslash and line feed escaped and, in label values, the quote.
    private mutating func appendEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\"") where quotes: append("\\\"")
            default: bytes.append(byte)
            }
        }
    }
}
