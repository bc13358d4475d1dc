/// A time series, or the few of a histogram. Updates never take a lock.
package protocol Metric: AnyObject, Sendable {
    /// The Prometheus type.
    static var type: String { get }
    /// Appends the metric's samples; `labels` are those of its child.
    func write(name: String, labels: [MetricLabel], into text: inout PrometheusText)
}

/// A label of a sample with its value.
package struct MetricLabel: Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A part of the exposition.
package protocol MetricSource: Sendable {
    /// All metric names that it writes; no two sources of a registry share one.
    var names: [String] { get }
    func write(into text: inout PrometheusText)
}
