/// One time series, or the few that make up a histogram. Updates never take a lock.
package protocol Metric: AnyObject, Sendable {
    /// What stands behind the name in a `# TYPE` line.
    static var type: String { get }
    /// Appends the metric's samples; `labels` are those of its child.
    func write(name: String, labels: [MetricLabel], into text: inout PrometheusText)
}

/// A label with its value, as it stands between the braces of a sample.
package struct MetricLabel: Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// Anything that has its own part of the exposition.
package protocol MetricSource: Sendable {
    /// Every metric name it writes; no two sources of a registry share one.
    var names: [String] { get }
    func write(into text: inout PrometheusText)
}
