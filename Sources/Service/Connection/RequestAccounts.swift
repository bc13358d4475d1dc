internal import Clocks
internal import Glibc
internal import HTTPMessages
internal import HTTPTypes
internal import Logs
internal import Telemetry

/// The accounts of one event loop's requests: their identifiers, metrics and log lines. Belongs to
/// that loop.
final class RequestAccounts {
    private let shared: SharedService
    private var counters: RequestCounters
    private let inflight: OwnedCount
    private var currentDate: (second: Int64, text: HTTPDate)?

    init(_ shared: SharedService) {
        self.shared = shared
        counters = RequestCounters(shared.metrics)
        inflight = shared.metrics.inflightOfLoop()
    }

    /// Starts accounting for a request; `head` is nil if it could not be parsed.
    func open(_ head: RequestHead?, route: Route?, now: UInt64) -> RequestContext {
        inflight.add(1)
        var context = shared.requestIDs.context(of: head?.headers, arrival: now)
        if let head { context.method = head.method.rawValue }
        context.key = route?.key
        if let endpoint = route?.endpoint {
            context.route = endpoint.label
            context.errors = endpoint.errors
        }
        return context
    }

    /// Counts an answer.
    func count(_ answer: Answer, _ context: RequestContext) {
        let now = MonotonicClock.now
        counters.count(
            context, status: answer.status, duration: now - min(now, context.arrival))
        inflight.add(-1)
    }

    /// Counts a request whose client left before the answer.
    func countCancelled(_ context: RequestContext) {
        shared.metrics.cancelled.increment()
        inflight.add(-1)
        recordClientLeft(context)
    }

    /// Writes the line of an answered request in the access log, where there is one.
    func record(_ context: RequestContext, _ message: HTTPResponseMessage) {
        record(context, status: message.status.code, bytes: message.body.count)
    }

    /// Writes the line of a request whose client left.
    func recordClientLeft(_ context: RequestContext) {
        record(context, status: AccessLog.clientLeft, bytes: 0)
    }

    private func record(_ context: RequestContext, status: Int, bytes: Int) {
        shared.accessLog?.record(
            AccessLogEntry(context, status: status, bytes: bytes, now: MonotonicClock.now))
    }

    /// The Date header's value, formatted once a second.
    func date() -> HTTPDate {
        let second = Int64(time(nil))
        if let currentDate, currentDate.second == second { return currentDate.text }
        let text = HTTPDate(unixSeconds: second)
        currentDate = (second, text)
        return text
    }
}
