import Synchronization

/// The sum of observations and their counts in buckets.
///
/// The count is computed from the buckets, so a scrape's `_count` always equals its `+Inf` bucket;
/// the sum may be ahead of or behind them by observations that are just being made.
package final class Histogram: Metric {
    package static let type = "histogram"
    package let bounds: HistogramBounds
    /// A counter for each bound and one for values above them all; not cumulative.
    private let buckets: [Counter]
    private let total = AtomicDouble()

    package init(bounds: HistogramBounds) {
        self.bounds = bounds
        buckets = (0...bounds.values.count).map { _ in Counter() }
    }

    /// Adds an observation. Lock-free, from any thread; O(log buckets). Values that are not finite
    /// are ignored, since one of them would spoil the sum for good.
    package func observe(_ value: Double) {
        guard value.isFinite else { return }
        buckets[bucket(for: value)].increment()
        total.add(value)
    }

    /// Observations in all buckets.
    package var count: UInt64 { buckets.reduce(0) { $0 &+ $1.value } }
    package var sum: Double { total.load() }

    /// The index of the first bucket whose bound is not below `value`.
    private func bucket(for value: Double) -> Int {
        var low = 0
        var high = bounds.values.count
        while low < high {
            let middle = (low + high) / 2
            if bounds.values[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    package func write(name: String, labels: [MetricLabel], into text: inout PrometheusText) {
        var cumulative: UInt64 = 0
        for (index, bucket) in buckets.enumerated() {
            cumulative &+= bucket.value
            let bound = index < bounds.values.count ? bounds.values[index] : .infinity
            text.sample(
                name + "_bucket",
                labels: labels + [MetricLabel("le", PrometheusText.number(bound))],
                value: cumulative)
        }
        text.sample(name + "_sum", labels: labels, value: sum)
        text.sample(name + "_count", labels: labels, value: cumulative)
    }
}
