import Telemetry

@testable import Service

extension ServiceMetrics {
    /// The value of a line as Prometheus reads it, by its name and labels; nil where there is none.
    func value(of line: String) -> Double? {
        var text = PrometheusText()
        registry.write(into: &text)
        return String(decoding: text.bytes, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(line + " ") }
            .flatMap { Double($0.dropFirst(line.utf8.count + 1)) }
    }
}
