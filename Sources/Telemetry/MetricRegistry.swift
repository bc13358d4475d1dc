import Synchronization

/// All metrics of the process, in the order they were registered.
package final class MetricRegistry: Sendable {
    /// Children a family may have unless it says otherwise, beside its overflow child.
    package static let defaultChildLimit = 256

    private struct State {
        var sources: [any MetricSource] = []
        var names: Set<String> = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Adds a source. Refuses names that are invalid or taken, and then adds nothing.
    package func register(_ source: some MetricSource) throws(MetricError) {
        let names = source.names
        for name in names { try MetricName.check(name) }
        try state.withLock { state throws(MetricError) in
            for name in names where state.names.contains(name) { throw .repeatedMetric(name) }
            state.names.formUnion(names)
            state.sources.append(source)
        }
    }

    /// A counter without labels, at zero.
    package func counter(_ name: String, help: String) throws(MetricError) -> Counter {
        try counter(name, help: help, labels: []).child([])
    }

    package func counter(
        _ name: String, help: String, labels: [String], childLimit: Int = defaultChildLimit
    ) throws(MetricError) -> MetricFamily<Counter> {
        try family(name, help: help, labels: labels, childLimit: childLimit) { Counter() }
    }

    /// A gauge without labels, at zero.
    package func gauge(_ name: String, help: String) throws(MetricError) -> Gauge {
        try gauge(name, help: help, labels: []).child([])
    }

    package func gauge(
        _ name: String, help: String, labels: [String], childLimit: Int = defaultChildLimit
    ) throws(MetricError) -> MetricFamily<Gauge> {
        try family(name, help: help, labels: labels, childLimit: childLimit) { Gauge() }
    }

    /// A histogram without labels, at zero.
    package func histogram(
        _ name: String, help: String, bounds: HistogramBounds
    ) throws(MetricError) -> Histogram {
        try histogram(name, help: help, labels: [], bounds: bounds).child([])
    }

    package func histogram(
        _ name: String, help: String, labels: [String], bounds: HistogramBounds,
        childLimit: Int = defaultChildLimit
    ) throws(MetricError) -> MetricFamily<Histogram> {
        try family(name, help: help, labels: labels, childLimit: childLimit) {
            Histogram(bounds: bounds)
        }
    }

    /// Facts told by labels, none at first.
    package func info(
        _ name: String, help: String, labels: [String]
    ) throws(MetricError) -> InfoMetric {
        try MetricName.check(labels: labels, of: name)
        let info = InfoMetric(name: name, help: help, labels: labels)
        try register(info)
        return info
    }

    /// Appends every metric in the Prometheus text format, version 0.0.4.
    package func write(into text: inout PrometheusText) {
        for source in state.withLock({ $0.sources }) { source.write(into: &text) }
    }

    private func family<Child: Metric>(
        _ name: String, help: String, labels: [String], childLimit: Int,
        make: @escaping @Sendable () -> Child
    ) throws(MetricError) -> MetricFamily<Child> {
        try MetricName.check(labels: labels, of: name)
        let family = MetricFamily(
            name: name, help: help, labels: labels, childLimit: max(1, childLimit), make: make)
        try register(family)
        return family
    }
}
