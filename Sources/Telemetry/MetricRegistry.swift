import Synchronization

/// All metrics of the process, in order of registration.
package final class MetricRegistry: Sendable {
    /// Children of a family beside its overflow child, unless it says otherwise.
    package static let defaultMaxChildren = 256

    private struct State {
        var sources: [any MetricSource] = []
        var names: Set<String> = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Adds a source. If one of its names is invalid or taken, throws and adds nothing.
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
        _ name: String, help: String, labels: [String], maxChildren: Int = defaultMaxChildren
    ) throws(MetricError) -> MetricFamily<Counter> {
        try family(name, help: help, labels: labels, maxChildren: maxChildren) { Counter() }
    }

    /// A gauge without labels, at zero.
    package func gauge(_ name: String, help: String) throws(MetricError) -> Gauge {
        try gauge(name, help: help, labels: []).child([])
    }

    package func gauge(
        _ name: String, help: String, labels: [String], maxChildren: Int = defaultMaxChildren
    ) throws(MetricError) -> MetricFamily<Gauge> {
        try family(name, help: help, labels: labels, maxChildren: maxChildren) { Gauge() }
    }

    /// A histogram without labels, at zero.
    package func histogram(
        _ name: String, help: String, bounds: HistogramBounds
    ) throws(MetricError) -> Histogram {
        try histogram(name, help: help, labels: [], bounds: bounds).child([])
    }

    package func histogram(
        _ name: String, help: String, labels: [String], bounds: HistogramBounds,
        maxChildren: Int = defaultMaxChildren
    ) throws(MetricError) -> MetricFamily<Histogram> {
        try family(name, help: help, labels: labels, maxChildren: maxChildren) {
            Histogram(bounds: bounds)
        }
    }

    /// Facts in labels, none at first.
    package func info(
        _ name: String, help: String, labels: [String]
    ) throws(MetricError) -> InfoMetric {
        try MetricName.check(labels: labels, of: name)
        let info = InfoMetric(name: name, help: help, labels: labels)
        try register(info)
        return info
    }

    /// Appends all metrics in the Prometheus text format, version 0.0.4.
    package func write(into text: inout PrometheusText) {
        for source in state.withLock({ $0.sources }) { source.write(into: &text) }
    }

    private func family<Child: Metric>(
        _ name: String, help: String, labels: [String], maxChildren: Int,
        make: @escaping @Sendable () -> Child
    ) throws(MetricError) -> MetricFamily<Child> {
        try MetricName.check(labels: labels, of: name)
        let family = MetricFamily(
            name: name, help: help, labels: labels, maxChildren: max(1, maxChildren), make: make)
        try register(family)
        return family
    }
}
