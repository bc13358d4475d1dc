import Testing

@testable import Telemetry

@Suite struct HistogramTests {
    private func buckets(_ histogram: Histogram) throws -> [Double] {
        var text = PrometheusText()
        text.header("h", help: "", type: Histogram.type)
        histogram.write(name: "h", labels: [], into: &text)
        let samples = try #require(try Exposition(text.bytes)["h"]?.samples)
        return samples.filter { $0.name == "h_bucket" }.map(\.value)
    }

    @Test(arguments: HistogramBounds.latency.values.indices)
    func `a bound belongs to its bucket and what is above to the next`(index: Int) throws {
        let bound = HistogramBounds.latency.values[index]
        for (value, first) in [
            (bound.nextDown, index), (bound, index), (bound.nextUp, index + 1),
        ] {
            let histogram = Histogram(bounds: .latency)
            histogram.observe(value)
            #expect(try buckets(histogram) == (0...21).map { $0 < first ? 0 : 1 })
        }
    }

    /// Cumulative counts by definition: how many observations are ≤ the bound.
    @Test func `buckets cumulate`() throws {
        var random = SystemRandomNumberGenerator()
        let histogram = Histogram(bounds: .entropy)
        let values = (0..<1_000).map { _ in Double.random(in: -1...40, using: &random) }
        for value in values { histogram.observe(value) }
        let expected = (HistogramBounds.entropy.values + [.infinity]).map { bound in
            Double(values.count { $0 <= bound })
        }
        #expect(try buckets(histogram) == expected)
        // The same additions in the same order.
        #expect(histogram.sum == values.reduce(0, +))
    }

    @Test func `latency buckets double from fifty microseconds`() {
        let bounds = HistogramBounds.latency.values
        #expect(bounds.first == 50e-6)
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $1 == 2 * $0 })
        #expect(bounds.last.map { $0 > 30 } == true)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `what is not finite is left out`(value: Double) {
        let histogram = Histogram(bounds: .rows)
        histogram.observe(1)
        histogram.observe(value)
        #expect(histogram.count == 1)
        #expect(histogram.sum == 1)
    }

    @Test func `bounds must ascend and be finite`() {
        #expect(throws: MetricError.noBounds) { try HistogramBounds([]) }
        #expect(throws: MetricError.invalidBound(index: 2)) { try HistogramBounds([1, 2, 2]) }
        #expect(throws: MetricError.invalidBound(index: 1)) { try HistogramBounds([1, 0]) }
        #expect(throws: MetricError.invalidBound(index: 0)) { try HistogramBounds([.nan]) }
        #expect(throws: MetricError.invalidBound(index: 1)) { try HistogramBounds([1, .infinity]) }
    }

    @Test func `the named bounds are valid`() throws {
        for bounds: HistogramBounds in [.latency, .rows, .probability, .entropy] {
            #expect(try HistogramBounds(bounds.values) == bounds)
        }
    }
}
