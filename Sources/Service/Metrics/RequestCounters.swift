internal import Telemetry

/// One loop's way to the counters of requests: it finds them again without a lock and without
/// making texts. Its keys come from fixed label sets, so clients cannot make it grow.
struct RequestCounters {
    private struct Key: Hashable {
        let route: String
        let model: String
        let status: Int
    }

    private final class Child {
        let key: Key
        let count: Counter
        let duration: Histogram

        init(_ key: Key, _ metrics: ServiceMetrics) {
            self.key = key
            count = metrics.requests.child(key.route, key.model, String(key.status))
            duration = metrics.requestDuration.child(key.route)
        }
    }

    private let metrics: ServiceMetrics
    private var known: [Key: Child] = [:]
    /// The child that counted the request before: it mostly counts the next one too, and is found
    /// without a hash.
    private var latest: Child?

    init(_ metrics: ServiceMetrics) { self.metrics = metrics }

    /// - Parameter duration: nanoseconds.
    mutating func count(_ context: RequestContext, status: Int, duration: UInt64) {
        let child = child(Key(route: context.route, model: context.model, status: status))
        child.count.increment()
        child.duration.observe(Double(duration) * 1e-9)
    }

    private mutating func child(_ key: Key) -> Child {
        if let latest, latest.key == key { return latest }
        let child = known[key] ?? Child(key, metrics)
        known[key] = child
        latest = child
        return child
    }
}
