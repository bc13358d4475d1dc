internal import Telemetry

/// The metrics of requests that end alike, kept where they are used: to look a child up builds
/// label values and takes a lock.
struct RequestBooks {
    /// What is counted for requests of one route, model and status.
    struct Entry {
        let requests: Counter
        let duration: Histogram
        fileprivate let route: String
        fileprivate let model: String
        fileprivate let status: Int
    }

    /// Entries kept, the latest ones: a few models under one route have more than enough.
    private static let most = 16

    private var entries: [Entry] = []

    /// The entry for requests that end so.
    mutating func of(
        route: String, model: String, status: Int, _ metrics: ServiceMetrics
    ) -> Entry {
        let kept = entries.first {
            $0.status == status && $0.route == route && $0.model == model
        }
        if let kept { return kept }
        let entry = Entry(
            requests: metrics.requests.child(route, model, String(status)),
            duration: metrics.requestDuration.child(route), route: route, model: model,
            status: status)
        if entries.count == Self.most { entries.removeFirst() }
        entries.append(entry)
        return entry
    }
}
