/// The fields of one request's line in the access log. Texts are visible ASCII; an empty or absent
/// field is left out of the line. Times are nanoseconds.
package struct AccessLogEntry: Sendable {
    package let requestID: String
    package let traceparent: String?
    package let method: String
    package let route: String
    package let model: String
    /// Rows of the prediction; nil for a request that asked for none.
    package var rowCount: Int?
    /// Samples (draws or points) of all rows together. Like the two times below, nil if no row
    /// reached a batch.
    package var sampleCount: Int?
    /// Time from the queue to the batch.
    package var queueTime: UInt64?
    /// Time that the whole batch took.
    package var computeTime: UInt64?
    /// Time from the request's arrival to its answer.
    package let totalTime: UInt64
    package let status: Int
    /// Bytes of the answer's body in its content coding; the line of a HEAD request has 0.
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
