import Synchronization

/// The metrics of one name, distinguished by label values.
///
/// A child is made, at zero, when its label values are first used, up to `maxChildren` of them.
/// After that all new combinations share an overflow child, whose label values are all
/// `MetricFamily.overflowValue`. So memory is bounded, wherever the values come from.
package final class MetricFamily<Child: Metric>: MetricSource {
    package static var overflowValue: String { "_overflow" }

    package let name: String
    package let help: String
    package let labels: [String]
    package let maxChildren: Int
    private let make: @Sendable () -> Child
    private let children = Mutex<[[String]: Child]>([:])
    private let overflow = Mutex<Child?>(nil)

    init(
        name: String, help: String, labels: [String], maxChildren: Int,
        make: @escaping @Sendable () -> Child
    ) {
        self.name = name
        self.help = help
        self.labels = labels
        self.maxChildren = maxChildren
        self.make = make
    }

    /// The child with these label values, in the order of `labels`. Takes a lock for a moment, so
    /// keep a child that is used often. A wrong number of values is a bug and stops the process.
    package func child(_ values: [String]) -> Child {
        precondition(values.count == labels.count, "\(name) has the labels \(labels)")
        let found = children.withLock { children -> Child? in
            if let child = children[values] { return child }
            if children.count >= maxChildren { return nil }
            let child = make()
            children[values] = child
            return child
        }
        return found ?? overflowChild()
    }

    /// The same for values that are listed.
    package func child(_ values: String...) -> Child {
        child(values)
    }

    package var names: [String] { [name] }

    /// Writes the children in ascending order of their label values, the overflow child last.
    package func write(into text: inout PrometheusText) {
        let sorted = children.withLock { $0.sorted { $0.key.lexicographicallyPrecedes($1.key) } }
        text.header(name, help: help, type: Child.type)
        for (values, child) in sorted { write(child, values: values, into: &text) }
        if let child = overflow.withLock({ $0 }) {
            let values = labels.map { _ in Self.overflowValue }
            write(child, values: values, into: &text)
        }
    }

    private func write(_ child: Child, values: [String], into text: inout PrometheusText) {
        let pairs = zip(labels, values).map { MetricLabel($0, $1) }
        child.write(name: name, labels: pairs, into: &text)
    }

    private func overflowChild() -> Child {
        overflow.withLock { overflow in
            let child = overflow ?? make()
            overflow = child
            return child
        }
    }
}
