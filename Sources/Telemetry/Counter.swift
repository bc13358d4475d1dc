import Synchronization

/// A count of events: an unsigned 64-bit number that only grows.
package final class Counter: Metric {
    package static let type = "counter"
    private let count = Atomic<UInt64>(0)

    package init() {}

    /// Adds to the count. Lock-free, from any thread.
    package func increment(by amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    package var value: UInt64 { count.load(ordering: .relaxed) }

    package func write(name: String, labels: [MetricLabel], into text: inout PrometheusText) {
        text.sample(name, labels: labels, value: value)
    }
}

/// A counter whose value is read at each scrape, for counts that are kept elsewhere.
package struct ObservedCounter: MetricSource {
    package let name: String
    package let help: String
    private let read: @Sendable () -> UInt64

    /// - Parameter read: called on the scraping thread.
    package init(_ name: String, help: String, read: @escaping @Sendable () -> UInt64) {
        self.name = name
        self.help = help
        self.read = read
    }

    package var names: [String] { [name] }

    package func write(into text: inout PrometheusText) {
        text.header(name, help: help, type: Counter.type)
        text.sample(name, labels: [], value: read())
    }
}
