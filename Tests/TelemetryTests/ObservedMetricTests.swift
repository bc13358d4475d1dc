import Testing

@testable import Telemetry

@Suite struct ObservedMetricTests {
    @Test func `facts are replaced as a whole`() throws {
        let registry = MetricRegistry()
        let info = try registry.info("model_info", help: "A model.", labels: ["name", "version"])
        func text() -> String {
            var text = PrometheusText()
            registry.write(into: &text)
            return String(decoding: text.bytes, as: UTF8.self)
        }
        let header = "# HELP model_info A model.\n# TYPE model_info gauge\n"
        #expect(text() == header)
        info.set([["a", "1"], ["b", "1"]])
        info.set([["a", "2"]])
        #expect(text() == header + "model_info{name=\"a\",version=\"2\"} 1.0\n")
    }

    @Test func `an observed counter reads when it is scraped`() throws {
        let counter = Counter()
        let registry = MetricRegistry()
        try registry.register(ObservedCounter("lost_total", help: "Lost.") { counter.value })
        counter.increment(by: 3)
        var text = PrometheusText()
        registry.write(into: &text)
        #expect(
            String(decoding: text.bytes, as: UTF8.self)
                == "# HELP lost_total Lost.\n# TYPE lost_total counter\nlost_total 3\n")
    }
}
