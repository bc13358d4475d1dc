import Foundation
import Heads
import LogitKernels
import Testing

@testable import Bench

@Suite struct BenchReportTests {
    static func report(
        _ kind: BenchKind, milliseconds: [Double] = [1, 2, 3, 4, 6]
    ) -> BenchReport {
        var compute = ComputeOptions()
        compute.instructionSet = .baseline
        compute.threadCount = 2
        return BenchReport(
            kind, BenchWorkTests.shape(), compute, BenchTiming(milliseconds: milliseconds))
    }

    static var computed: BenchReport {
        var report = report(.hetXL)
        let work = BenchWork(stages: [
            .init(format: .float32, operations: 4e6, bytes: 3e6),
            .init(format: .bfloat16, operations: 2e6, bytes: 0),
        ])
        report.add(
            work, at: MachinePeaks(operations: [.float32: 4e9, .bfloat16: 8e9], bytes: 2e9))
        return report
    }

    static func object(_ report: BenchReport) throws -> [String: Any] {
        let parsed = try JSONSerialization.jsonObject(with: Data(try report.json().utf8))
        return try #require(parsed as? [String: Any])
    }

    // MARK: Text

    /// The median is 3 ms: 6e6 operations in it are 2 GFLOP/s, 3e6 bytes 1 GB/s. The stages take
    /// 1.5 ms (reading) and 0.25 ms at the peaks, 1.75 of 3.
    @Test func `text of a head has its rates beside the peaks`() {
        #expect(
            Self.computed.text == """
                het-xl, 2 rows, D = 16, K = 60, 2 threads, baseline, float32 weights
                  median      3.000 ms (quartiles 2.000 and 4.000, minimum 1.000, \
                99 in 100 within 5.920, 5 calls)
                  arithmetic  2.000 GFLOP/s; peak 8.000 in bfloat16, 4.000 in float32
                  weights     1.000 GB/s; peak 2.000
                  limit       58.33 % of what the peaks allow
                """)
    }

    @Test func `text of a head with noise has the samples of a row`() throws {
        var report = Self.computed
        report.add(samplesPerRow: 1024)
        #expect(report.text.hasSuffix("\n  samples     1024 a row"))
        #expect(try Self.object(report)["samples_per_row"] as? Int == 1024)
    }

    @Test func `text of the texts has their rate`() {
        var report = Self.report(.json)
        report.add(textByteCount: 4500)
        #expect(report.text.hasSuffix("\n  texts       4500 bytes, 1.500 MB/s"))
        #expect(report.text.split(separator: "\n").count == 3)
    }

    @Test func `text of requests has their rate`() {
        var report = Self.report(.http)
        report.add(connections: 3, requestsPerSecond: 12_345.6)
        #expect(report.text.hasSuffix("\n  requests    12346 a second on 3 connections"))
    }

    @Test(arguments: [
        (0.0, "0"), (0.000_123_456, "0.0001235"), (0.1, "0.1000"), (1, "1.000"),
        (9.876_54, "9.877"), (99.994, "99.99"), (1234.4, "1234"), (56_789, "56789"),
    ])
    func `a number has four digits, or all before its point`(_ value: Double, _ text: String) {
        let report = Self.report(.logits, milliseconds: [value])
        #expect(report.text.contains("minimum \(text),"))
    }

    // MARK: JSON

    @Test func `JSON has every number of a head, and none of others`() throws {
        let object = try Self.object(Self.computed)
        let names = [
            "calls", "fraction", "gbytes", "gflops", "kernel", "kind", "lower_quartile_ms",
            "median_ms", "minimum_ms", "p99_ms", "peaks", "shape", "threads",
            "upper_quartile_ms", "weights",
        ]
        #expect(object.keys.sorted() == names)
        #expect(object["kind"] as? String == "het-xl")
        #expect(object["kernel"] as? String == "baseline")
        #expect(object["weights"] as? String == "float32")
        #expect(object["threads"] as? Int == 2 && object["calls"] as? Int == 5)
        #expect(object["minimum_ms"] as? Double == 1)
        #expect(object["lower_quartile_ms"] as? Double == 2)
        #expect(object["median_ms"] as? Double == 3)
        #expect(object["upper_quartile_ms"] as? Double == 4)
        let last = try #require(object["p99_ms"] as? Double)
        #expect(abs(last - 5.92) < 1e-9)
        #expect(object["gflops"] as? Double == 2 && object["gbytes"] as? Double == 1)
        let fraction = try #require(object["fraction"] as? Double)
        #expect(abs(fraction - 7.0 / 12) < 1e-12)
        let peaks = ["gbytes": 2.0, "float32_gflops": 4, "bfloat16_gflops": 8]
        #expect(object["peaks"] as? [String: Double] == peaks)
        let shape = try #require(object["shape"] as? [String: Any])
        #expect(shape["noise"] as? String == "shared")
        #expect(shape["estimator"] as? String == "auto")
        let sizes = [
            "features": 16, "classes": 60, "rows": 2, "factors": 3, "samples": 20, "groups": 6,
            "hidden": 8, "beam": 2,
        ]
        #expect(shape.count == 10)
        for (name, size) in sizes { #expect(shape[name] as? Int == size) }
    }

    @Test func `JSON of texts and of requests`() throws {
        var texts = Self.report(.json)
        texts.add(textByteCount: 4500)
        var object = try Self.object(texts)
        #expect(object["text_bytes"] as? Int == 4500)
        #expect(object["megabytes_per_second"] as? Double == 1.5)
        #expect(object["fraction"] == nil && object["connections"] == nil)
        var requests = Self.report(.http)
        requests.add(connections: 3, requestsPerSecond: 10)
        object = try Self.object(requests)
        #expect(object["connections"] as? Int == 3)
        #expect(object["requests_per_second"] as? Double == 10)
        #expect(object["text_bytes"] == nil)
    }
}
