/// Fields of one request's line in the access log. A text is visible ASCII; an empty or absent field
/// is left out of the line. Times are nanoseconds.
package struct AccessLogEntry: Sendable {
    package let requestID: String
    package let traceparent: String?
    package let method: String
    package let route: String
    package let model: String
    /// Rows of its prediction; nil for a request that asked for none.
    package var rowCount: Int?
    /// Draws of all its rows together; nil, as the times of its batch, when no row reached a batch.
    package var sampleCount: Int?
    /// From the queue to the batch.
    package var queueTime: UInt64?
    /// The whole batch.
    package var computeTime: UInt64?
    /// From the request's arrival to the end of its answer.
    package let totalTime: UInt64
    package let status: Int
    /// The answer's body as it is sent, in its coding; the line of a HEAD request has 0.
    package let bodyBytes: Int

    package init(
        requestID: String, traceparent: String?, method: String, route: String, model: String,
        totalTime: UInt64, status: Int, bodyBytes: Int
    ) {
        self.requestID = requestID
        self.traceparent = traceparent
        self.method = method
        self.route = route
        self.model = model
        self.totalTime = totalTime
        self.status = status
        self.bodyBytes = bodyBytes
    }
}
