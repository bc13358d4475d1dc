import Dispatch
import Testing

@testable import Telemetry

@Suite struct MetricConcurrencyTests {
    static let threads = 8
    static let updatesEach = 20_000

    /// Runs `body` once on each of several threads at a time.
    private func onThreads(_ body: @escaping @Sendable (Int) -> Void) async {
        let queue = DispatchQueue(label: "metric updates", attributes: .concurrent)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<Self.threads {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        queue.async {
                            body(thread)
                            continuation.resume()
                        }
                    }
                }
            }
        }
    }

    /// Sums of small integers are exact in Double, in whatever order they are added.
    @Test func `no update is lost`() async throws {
        let registry = MetricRegistry()
        let counter = try registry.counter("c", help: "")
        let histogram = try registry.histogram("h", help: "", bounds: .rows)
        await onThreads { thread in
            for _ in 0..<Self.updatesEach {
                counter.increment()
                histogram.observe(Double(thread + 1))
            }
        }
        let updates = UInt64(Self.threads * Self.updatesEach)
        #expect(counter.value == updates)
        #expect(histogram.count == updates)
        // Each thread adds its number plus one: 1 + 2 + … + 8 = 36.
        #expect(histogram.sum == 36 * Double(Self.updatesEach))
    }

    @Test func `children are made once and within the limit`() async throws {
        let registry = MetricRegistry()
        let family = try registry.counter("c", help: "", labels: ["l"], maxChildren: 10)
        await onThreads { _ in
            for update in 0..<2_000 { family.child("\(update % 25)").increment() }
        }
        var text = PrometheusText()
        registry.write(into: &text)
        let samples = try #require(try Exposition(text.bytes)["c"]?.samples)
        #expect(samples.count == 11)
        #expect(samples.reduce(0) { $0 + $1.value } == Double(Self.threads * 2_000))
    }
}
