import Synchronization

/// Facts in label values: a gauge of value 1 whose series are replaced as a whole, so that a scrape
/// sees either the old ones or the new ones.
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

    /// Replaces all series; each has a value for each label, in the order of the labels. A wrong
    /// number of values is a bug and stops the process.
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
