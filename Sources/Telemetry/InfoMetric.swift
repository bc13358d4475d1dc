import Synchronization

/// What is, told by label values, at the value 1: a gauge whose series are replaced as a whole, so
/// that a scrape sees the old ones or the new ones.
package final class InfoMetric: MetricSource {
    let name: String
    let help: String
    let labels: [String]
    private let series = Mutex<[[String]]>([])

    init(name: String, help: String, labels: [String]) {
        self.name = name
        self.help = help
        self.labels = labels
    }

    /// Replaces every series; each has one value a label, in the order of the labels. The wrong
    /// number is a mistake in the program and stops it.
    package func set(_ series: [[String]]) {
        precondition(series.allSatisfy { $0.count == labels.count }, "\(name) has \(labels)")
        self.series.withLock { $0 = series }
    }

    package var names: [String] { [name] }

    package func write(into text: inout PrometheusText) {
        text.header(name, help: help, type: Gauge.type)
        for values in series.withLock({ $0 }) {
            text.sample(name, labels: zip(labels, values).map { MetricLabel($0, $1) }, value: 1.0)
        }
    }
}
