internal import Dispatch
internal import HTTPMessages
internal import Synchronization

/// Predictions whose bodies take long to read, coded ones and long ones: they are decoded and
/// parsed on a queue of their own, one at a time, so that no other connection of the loop waits for
/// them. 64 KiB of gzip may hold 64 MiB of JSON.
final class HeavyRequests: Sendable {
    /// Bytes of a plain body that a loop reads itself, in a millisecond or two.
    private static let longestInline = 1 << 20

    private let queue = DispatchQueue(label: "headserve.heavy-requests")
    /// Only that queue uses it.
    private let pipeline: Mutex<RequestPipeline>

    init(shared: SharedService) {
        pipeline = Mutex(RequestPipeline(shared: shared))
    }

    /// Whether the request's body is to be read here.
    static func take(_ message: HTTPRequestMessage) -> Bool {
        message.body.count > longestInline || ContentCoding(of: message.headers) != .identity
    }

    /// Starts the prediction. What comes of reading it is told to `reply` with `admit`, the answer
    /// with `send`; which of both comes first is open.
    func begin(
        _ message: HTTPRequestMessage, pathModel: String?, _ context: RequestContext,
        _ reply: ReplyAddress
    ) {
        queue.async { [self] in
            var context = context
            let outcome = Result<PendingPrediction, Refusal> { () throws(Refusal) in
                try pipeline.withLock { pipeline throws(Refusal) in
                    try pipeline.predict(
                        message, pathModel: pathModel, client: reply.connection, &context
                    ) { reply.send($0) }
                }
            }
            reply.admit(outcome, context)
        }
    }
}
