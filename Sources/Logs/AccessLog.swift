internal import Clocks

/// The access log: one line a request, written when it is answered or its client has left. A line
/// has neither keys nor features nor queries. Its only texts that a client chose are the request's
/// identifier and trace, both visible ASCII, and the method, a token.
package struct AccessLog: Sendable {
    /// The status of a request whose client left before the answer, as nginx writes it.
    package static let clientLeft = 499

    private let sink: LogSink
    private let format: LogFormat

    package init(sink: LogSink, format: LogFormat) {
        self.sink = sink
        self.format = format
    }

    package func record(_ entry: AccessLogEntry) {
        let time = WallTime.now
        sink.append(.access) { buffer in
            var line = LogLine(
                format, appendingTo: &buffer, time: time, level: "info", message: "request")
            Self.add(entry, to: &line)
            line.end(givingBack: &buffer)
        }
    }

    private static func add(_ entry: AccessLogEntry, to line: inout LogLine) {
        line.member("request_id", entry.requestID)
        if let trace = entry.traceparent { line.member("traceparent", trace) }
        if !entry.method.isEmpty { line.member("method", entry.method) }
        line.member("route", entry.route)
        if !entry.model.isEmpty { line.member("model", entry.model) }
        if let rowCount = entry.rowCount { line.member("rows", rowCount) }
        if let sampleCount = entry.sampleCount { line.member("samples", sampleCount) }
        if let queueTime = entry.queueTime { line.member("queue_ms", milliseconds: queueTime) }
        if let computeTime = entry.computeTime {
            line.member("compute_ms", milliseconds: computeTime)
        }
        line.member("total_ms", milliseconds: entry.totalTime)
        line.member("status", entry.status)
        line.member("bytes", entry.method == "HEAD" ? 0 : entry.bodyBytes)
    }
}
