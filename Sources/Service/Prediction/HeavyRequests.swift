internal import Batching
internal import Clocks
internal import HTTPMessages
internal import Sockets
internal import Synchronization

/// Predictions whose bodies take long to read, coded ones and long ones: they are decoded and
/// parsed on a queue of their own, one at a time, so that no other connection of the loop waits for
/// them. 64 KiB of gzip may hold 64 MiB of JSON.
///
/// The queue is a batcher's, for its manners: connections take turns, what is too late or whose
/// client has left is not read at all, and what cannot be read in time is refused at once.
final class HeavyRequests: Sendable {
    /// Bytes of a plain body that a loop reads itself, in a millisecond or two.
    static let longestInline = 1 << 20
    /// Requests that wait here. Their bodies are counted in `HeldBytes`.
    static let mostWaiting = 16 * 1024

    private struct Request: Sendable {
        let message: HTTPRequestMessage
        let pathModel: String?
        let context: RequestContext
        let reply: ReplyAddress
    }

    private let shared: SharedService
    private let reader: Batcher<Int, ConnectionID, Request>

    init(shared: SharedService) {
        self.shared = shared
        let pipeline = Mutex(RequestPipeline(shared: shared))
        reader = Batcher(
            limits: BatchLimits(maxQueueRows: Self.mostWaiting, maxBatchRows: 1),
            label: "headserve.heavy-requests", clock: { MonotonicClock.now },
            expire: { requests in
                for late in requests { late.reply.admit(.failure(.deadline), late.context) }
            },
            run: { _, requests in
                for request in requests { Self.read(request, pipeline) }
            })
    }

    /// Whether the request's body is to be read here, whatever else the loop has to do.
    static func take(_ message: HTTPRequestMessage) -> Bool {
        message.body.count > longestInline || ContentCoding(of: message.headers) != .identity
    }

    /// Starts the prediction. What comes of reading it is told to `reply` with `admit`, the answer
    /// with `send`; which of both comes first is open.
    func begin(
        _ message: HTTPRequestMessage, pathModel: String?, _ context: RequestContext,
        _ reply: ReplyAddress
    ) throws(Refusal) -> Ticket {
        let deadline = try RequestDeadline.of(
            message.headers, arrival: context.arrival, longest: shared.options.requestTimeout)
        let request = Request(
            message: message, pathModel: pathModel, context: context, reply: reply)
        let admission = reader.submit(
            request, key: 0, client: reply.connection, rows: 1, deadline: deadline)
        return try shared.ticket(of: admission)
    }

    /// The client has left: what is not being read yet need not be.
    func cancel(_ ticket: Ticket) { _ = reader.cancel(ticket) }

    private static func read(_ request: Request, _ pipeline: borrowing Mutex<RequestPipeline>) {
        var context = request.context
        let reply = request.reply
        let outcome = Result<PendingPrediction, Refusal> { () throws(Refusal) in
            try pipeline.withLock { pipeline throws(Refusal) in
                try pipeline.predict(
                    request.message, pathModel: request.pathModel, client: reply.connection,
                    &context
                ) { reply.send($0) }
            }
        }
        reply.admit(outcome, context)
    }
}
