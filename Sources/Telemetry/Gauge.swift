import Synchronization

/// A value that is set, up and down.
package final class Gauge: Metric {
    package static let type = "gauge"
    private let current = AtomicDouble()

    package init() {}

    /// Lock-free, from any thread, as all of this type.
    package func set(_ value: Double) {
        current.store(value)
    }

    package var value: Double { current.load() }

    package func write(name: String, labels: [MetricLabel], into text: inout PrometheusText) {
        text.sample(name, labels: labels, value: value)
    }
}

/// A gauge that asks for its value when it is scraped: for what somebody else keeps anyway.
package struct ObservedGauge: MetricSource {
    package let name: String
    package let help: String
    private let read: @Sendable () -> Double

    /// `read` is called on the scraping thread.
    package init(_ name: String, help: String, read: @escaping @Sendable () -> Double) {
        self.name = name
        self.help = help
        self.read = read
    }

    package var names: [String] { [name] }

    package func write(into text: inout PrometheusText) {
        text.header(name, help: help, type: Gauge.type)
        text.sample(name, labels: [], value: read())
    }
}
