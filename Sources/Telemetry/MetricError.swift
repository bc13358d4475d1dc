/// The reason why a metric could not be registered.
package enum MetricError: Error, Equatable, CustomStringConvertible {
    case invalidName(String)
    case invalidLabel(String, metric: String)
    case repeatedLabel(String, metric: String)
    case repeatedMetric(String)
    /// Bounds are finite and ascend strictly; `index` is the first that does not.
    case invalidBound(index: Int)
    case noBounds

    package var description: String {
        switch self {
        case .invalidName(let name):
            "'\(name)' is not a metric name: [a-zA-Z_:][a-zA-Z0-9_:]*"
        case .invalidLabel(let label, let metric):
            "'\(label)' of \(metric) is not a label name, or a reserved one"
        case .repeatedLabel(let label, let metric): "\(metric) has the label '\(label)' twice"
        case .repeatedMetric(let name): "the metric \(name) is registered already"
        case .invalidBound(let index):
            "bucket bound \(index) is not finite or not above the one before it"
        case .noBounds: "a histogram needs at least one bucket bound"
        }
    }
}
