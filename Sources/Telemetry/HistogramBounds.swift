/// The inclusive upper bounds of a histogram's buckets, without `+Inf`.
package struct HistogramBounds: Sendable, Equatable {
    package let values: [Double]

    /// Refuses an empty list and values that are not finite or do not ascend.
    package init(_ values: [Double]) throws(MetricError) {
        if values.isEmpty { throw .noBounds }
        for (index, value) in values.enumerated() {
            let isAbove = index == 0 || value > values[index - 1]
            if !value.isFinite || !isAbove { throw .invalidBound(index: index) }
        }
        self.values = values
    }

    private init(unchecked values: [Double]) {
        self.values = values
    }

    /// Seconds: 50 µs, doubling, up to 52 s, the first bound beyond the default request timeout.
    package static let latency = HistogramBounds(
        unchecked: (0...20).map { 50e-6 * Double(1 << $0) })

    /// Rows of a batch: 1, 2, 4, … 4096.
    package static let rows = HistogramBounds(unchecked: (0...12).map { Double(1 << $0) })

    /// Labels of a set: 1, 2, 4, … 8192, where no set has more than 10,000.
    package static let setSizes = HistogramBounds(unchecked: (0...13).map { Double(1 << $0) })

    /// Probabilities: tenths from 0.1 to 1, and the hundredths next to 1, where confident
    /// classifiers are.
    package static let probability = HistogramBounds(
        unchecked: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1])

    /// Entropies in nats: doubling from 1/64 to 16, which is log K for nine million classes.
    package static let entropy = HistogramBounds(
        unchecked: (-6...4).map { Double(sign: .plus, exponent: $0, significand: 1) })
}
