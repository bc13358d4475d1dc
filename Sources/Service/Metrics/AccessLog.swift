internal import ByteText
internal import Clocks
internal import HTTPMessages

/// One line a request, when it is answered or its client has left. Neither keys nor features nor
/// queries are in it: what a client chose is its request's identifier and trace, both visible
/// ASCII, and the method, a token.
struct AccessLog: Sendable {
    /// The status of a request whose client left before the answer, as nginx writes it.
    static let clientLeft = 499

    let sink: LogSink
    let format: LogFormat

    /// - Parameters:
    ///   - bytes: of the answer's body as it was sent, in its coding.
    ///   - now: monotonic nanoseconds.
    func record(_ context: RequestContext, status: Int, bytes: Int, now: UInt64) {
        let time = WallTime.now
        sink.append(.access) { buffer in
            var line = LogLine(
                format, appendingTo: &buffer, time: time, level: "info", message: "request")
            line.member("request_id", context.requestID)
            if let trace = context.traceparent { line.member("traceparent", trace) }
            if !context.method.isEmpty { line.member("method", context.method) }
            line.member("route", context.route)
            if !context.model.isEmpty { line.member("model", context.model) }
            if let work = context.work { Self.add(work, to: &line) }
            line.member("total_ms", milliseconds: now - min(now, context.arrival))
            line.member("status", status)
            line.member("bytes", context.method == "HEAD" ? 0 : bytes)
            line.end(givingBack: &buffer)
        }
    }

    private static func add(_ work: RequestWork, to line: inout LogLine) {
        line.member("rows", work.rowCount)
        guard let computation = work.computation else { return }
        line.member("samples", computation.sampleCount)
        line.member("queue_ms", milliseconds: computation.queueTime)
        line.member("compute_ms", milliseconds: computation.computeTime)
    }
}

/// What a prediction took, for its header, its line in the log and nothing else.
struct RequestWork: Sendable {
    let rowCount: Int
    /// Nil when none of its rows reached a batch.
    let computation: Computation?

    struct Computation: Sendable {
        /// Draws of all its rows together.
        let sampleCount: Int
        /// Nanoseconds from the queue to the batch.
        let queueTime: UInt64
        /// Nanoseconds of its whole batch.
        let computeTime: UInt64

        /// Of a header's value, with times up to hours.
        private static let usualBytes = 64

        /// The value of a `Server-Timing` header (W3C Server Timing), in milliseconds.
        var serverTiming: String {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Self.usualBytes)
            bytes.append(literal: "queue;dur=")
            bytes.append(milliseconds: queueTime)
            bytes.append(literal: ", compute;dur=")
            bytes.append(milliseconds: computeTime)
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
