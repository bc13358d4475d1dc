/// Durations of a measurement's calls.
struct BenchTiming {
    /// Milliseconds, in ascending order; at least one.
    let milliseconds: [Double]

    /// Calls `body` once to warm up, then until `seconds` have passed, at least five times.
    static func measure(seconds: Double, _ body: () -> Void) -> BenchTiming {
        let clock = ContinuousClock()
        body()
        var durations: [Duration] = []
        let start = clock.now
        while durations.count < 5 || start.duration(to: clock.now) < .seconds(seconds) {
            durations.append(clock.measure(body))
        }
        return BenchTiming(milliseconds: durations.map { $0 / .milliseconds(1) }.sorted())
    }

    var median: Double { quantile(0.5) }

    /// The duration that a share of the calls does not exceed, interpolated between two calls.
    func quantile(_ share: Double) -> Double {
        let place = share * Double(milliseconds.count - 1)
        let low = milliseconds[Int(place)]
        let high = milliseconds[min(Int(place) + 1, milliseconds.count - 1)]
        return low + (high - low) * (place - place.rounded(.down))
    }
}
