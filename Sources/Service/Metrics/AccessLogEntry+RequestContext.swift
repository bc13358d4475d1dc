internal import Logs

extension AccessLogEntry {
    /// The line of an answered request, or of one whose client has left.
    ///
    /// - Parameters:
    ///   - bytes: of the answer's body as it was sent, in its coding.
    ///   - now: monotonic nanoseconds.
    init(_ context: RequestContext, status: Int, bytes: Int, now: UInt64) {
        self.init(
            requestID: context.requestID, traceparent: context.traceparent,
            method: context.method, route: context.route, model: context.model,
            totalTime: now - min(now, context.arrival), status: status, bodyBytes: bytes)
        rowCount = context.work?.rowCount
        guard let computation = context.work?.computation else { return }
        sampleCount = computation.sampleCount
        queueTime = computation.queueTime
        computeTime = computation.computeTime
    }
}
