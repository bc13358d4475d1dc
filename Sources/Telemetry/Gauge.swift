import Synchronization

/// A value that can rise and fall.
package final class Gauge: Metric {
    package static let type = "gauge"
    private let current = AtomicDouble()

    package init() {}

    /// Sets the value. Lock-free, from any thread, like all of this type.
    package func set(_ value: Double) {
        current.store(value)
    }

    package var value: Double { current.load() }

    package func write(name: String, labels: [MetricLabel], into text: inout PrometheusText) {
        text.sample(name, labels: labels, value: value)
    }
}

/// A gauge whose value is read at each scrape, for values that are kept elsewhere.
package struct ObservedGauge: MetricSource {
    package let name: String
    package let help: String
    private let read: @Sendable () -> Double

    /// - Parameter read: called on the scraping thread.
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
