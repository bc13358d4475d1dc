import Testing

@testable import Telemetry

private func exposition(_ registry: MetricRegistry) throws -> Exposition {
    var text = PrometheusText()
    registry.write(into: &text)
    return try Exposition(text.bytes)
}

@Suite struct MetricRegistryTests {
    @Test func `metrics are exposed at zero`() throws {
        let registry = MetricRegistry()
        _ = try registry.counter("a_total", help: "A.")
        _ = try registry.gauge("b", help: "B.")
        _ = try registry.histogram("c_seconds", help: "C.", bounds: .latency)
        let metrics = try exposition(registry).metrics
        #expect(metrics.map(\.name) == ["a_total", "b", "c_seconds"])
        #expect(metrics.map(\.type) == ["counter", "gauge", "histogram"])
        #expect(metrics.map(\.help) == ["A.", "B.", "C."])
        // 21 finite buckets, +Inf, sum and count.
        #expect(metrics.map(\.samples.count) == [1, 1, 24])
        #expect(metrics.allSatisfy { $0.samples.allSatisfy { $0.value == 0 } })
    }

    @Test func `the text is exactly as the format says`() throws {
        let registry = MetricRegistry()
        let requests = try registry.counter(
            "r_total", help: "Re\\quests\n\"all\".", labels: ["route", "code"])
        requests.child("/b", "200").increment(by: 3)
        requests.child("/a\"\\\n", "500").increment()
        let seconds = try registry.histogram(
            "s", help: "", labels: ["m"], bounds: HistogramBounds([0.5, 2]))
        seconds.child("x").observe(0.25)
        seconds.child("x").observe(4)
        var text = PrometheusText()
        registry.write(into: &text)
        #expect(
            String(decoding: text.bytes, as: UTF8.self) == #"""
                # HELP r_total Re\\quests\n"all".
                # TYPE r_total counter
                r_total{route="/a\"\\\n",code="500"} 1
                r_total{route="/b",code="200"} 3
                # HELP s 
                # TYPE s histogram
                s_bucket{m="x",le="0.5"} 1
                s_bucket{m="x",le="2.0"} 1
                s_bucket{m="x",le="+Inf"} 2
                s_sum{m="x"} 4.25
                s_count{m="x"} 2

                """#)
    }

    @Test(arguments: ["a\\b", "\"", "line\nbreak", "", "ünïcode", "}", "a=\"b\",c", "\\n", "\r"])
    func `any label value reads back`(value: String) throws {
        let registry = MetricRegistry()
        try registry.gauge("g", help: value, labels: ["l"]).child(value).set(2)
        let samples = try exposition(registry)["g"]?.samples
        #expect(samples == [Exposition.Sample(name: "g", labels: ["l": value], value: 2)])
    }

    @Test(arguments: [
        0, 1.5, -2e-300, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
    ])
    func `any gauge value reads back`(value: Double) throws {
        let registry = MetricRegistry()
        try registry.gauge("g", help: "").set(value)
        #expect(try exposition(registry)["g"]?.samples.first?.value == value)
    }

    @Test func `not-a-number reads back`() throws {
        let registry = MetricRegistry()
        try registry.gauge("g", help: "").set(.nan)
        #expect(try exposition(registry)["g"]?.samples.first?.value.isNaN == true)
    }

    @Test(arguments: [2, 3, 4])
    func `children beyond the limit share one`(children: Int) throws {
        let registry = MetricRegistry()
        let family = try registry.counter("c", help: "", labels: ["m", "n"], maxChildren: 3)
        for index in 0..<children { family.child("\(index)", "x").increment() }
        family.child("0", "x").increment()
        let samples = try #require(try exposition(registry)["c"]?.samples)
        #expect(samples.count == children)
        #expect(samples.first?.value == 2)
        let overflow = samples.first { $0.labels == ["m": "_overflow", "n": "_overflow"] }
        #expect(overflow?.value == (children > 3 ? 1 : nil))
    }

    @Test func `every combination beyond the limit counts`() throws {
        let registry = MetricRegistry()
        let family = try registry.counter("c", help: "", labels: ["m"], maxChildren: 3)
        for index in 0..<1_000 { family.child("\(index)").increment() }
        let samples = try #require(try exposition(registry)["c"]?.samples)
        #expect(samples.map(\.value) == [1, 1, 1, 997])
    }

    @Test func `an observed gauge asks when it is scraped`() throws {
        let registry = MetricRegistry()
        let source = Gauge()
        try registry.register(ObservedGauge("g", help: "G.") { source.value + 1 })
        source.set(41)
        #expect(try exposition(registry)["g"]?.samples.map(\.value) == [42])
    }

    @Test(arguments: ["", "1a", "a-b", "a b", "ä", "a{"])
    func `an invalid name is refused`(name: String) {
        let registry = MetricRegistry()
        #expect(throws: MetricError.invalidName(name)) { try registry.counter(name, help: "") }
    }

    @Test(arguments: ["", "1a", "a:b", "__a", "le", "é"])
    func `an invalid label is refused`(label: String) {
        let registry = MetricRegistry()
        #expect(throws: MetricError.invalidLabel(label, metric: "m")) {
            try registry.counter("m", help: "", labels: [label])
        }
    }

    @Test func `names and labels appear once`() throws {
        let registry = MetricRegistry()
        _ = try registry.counter("m", help: "")
        #expect(throws: MetricError.repeatedMetric("m")) { try registry.gauge("m", help: "") }
        #expect(throws: MetricError.repeatedLabel("a", metric: "n")) {
            try registry.counter("n", help: "", labels: ["a", "b", "a"])
        }
    }

    @Test func `the wrong number of label values stops the program`() async {
        await #expect(processExitsWith: .failure) {
            let family = try MetricRegistry().counter("m", help: "", labels: ["a"])
            _ = family.child("1", "2")
        }
    }
}
