import Synchronization

/// Counts events: an unsigned 64-bit number that only grows.
package final class Counter: Metric {
    package static let type = "counter"
    private let count = Atomic<UInt64>(0)

    package init() {}

    /// Lock-free, from any thread.
    package func increment(by amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    package var value: UInt64 { count.load(ordering: .relaxed) }

    package func write(name: String, labels: [MetricLabel], into text: inout PrometheusText) {
        text.sample(name, labels: labels, value: value)
    }
}
