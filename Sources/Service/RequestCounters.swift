internal import Telemetry

/// One loop's way to the counters of requests: it finds them again without a lock and without
/// making texts. There are as many as the metrics have children, since what tells them apart is
/// never a client's to invent.
struct RequestCounters {
    private struct Key: Hashable {
        let route: String
        let model: String
        let status: Int
    }

    private let metrics: ServiceMetrics
    private typealias Metrics = (count: Counter, duration: Histogram)

    private var known: [Key: Metrics] = [:]
    /// What counted the request before: mostly the one that counts the next, found without a hash.
    private var latest: (key: Key, metrics: Metrics)?

    init(_ metrics: ServiceMetrics) { self.metrics = metrics }

    /// - Parameter duration: nanoseconds.
    mutating func count(_ context: RequestContext, status: Int, duration: UInt64) {
        let key = Key(route: context.route, model: context.model, status: status)
        let found = find(key)
        found.count.increment()
        found.duration.observe(Double(duration) * 1e-9)
    }

    private mutating func find(_ key: Key) -> Metrics {
        if let latest, latest.key == key { return latest.metrics }
        let found = known[key] ?? add(key)
        latest = (key, found)
        return found
    }

    private mutating func add(_ key: Key) -> Metrics {
        let made = (
            count: metrics.requests.child(key.route, key.model, String(key.status)),
            duration: metrics.requestDuration.child(key.route)
        )
        known[key] = made
        return made
    }
}
