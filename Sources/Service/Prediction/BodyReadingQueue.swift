internal import Batching
internal import Clocks
internal import HTTPMessages
internal import Sockets
internal import Synchronization

/// Decodes bodies off the loop: coded ones and long ones take long to read, so they are decoded and
/// parsed on a queue of their own, one at a time, and no other connection of the loop waits for
/// them. 64 KiB of gzip may hold 64 MiB of JSON.
///
/// A `Batcher` is used for its fairness, deadlines and cancellation: connections take turns, a
/// request that is too late or whose client has left is not read at all, and one that cannot be
/// read in time is refused at once.
final class BodyReadingQueue: Sendable {
    /// Bytes of a plain body that a loop reads itself, in a millisecond or two.
    static let maxInlineBytes = 1 << 20
    /// Requests that wait here. Their bodies are counted in `HeldBytes`.
    static let maxWaitingRequests = 16 * 1024

    private let shared: SharedService
    private let batcher: Batcher<Int, ConnectionID, PredictionRequest>

    init(_ shared: SharedService) {
        self.shared = shared
        let pipeline = Mutex(RequestPipeline(shared))
        batcher = Batcher(
            limits: BatchLimits(maxQueueRows: Self.maxWaitingRequests, maxBatchRows: 1),
            label: "headserve.body-reading", clock: { MonotonicClock.now },
            expire: { requests in
                for late in requests { late.inFlight.reply.send(.answer(.failure(.deadline))) }
            },
            run: { _, requests in
                for request in requests { Self.read(request, pipeline) }
            })
    }

    /// Whether the request's body is to be read here, whatever else the loop has to do.
    static func takes(_ message: HTTPRequestMessage) -> Bool {
        message.body.count > maxInlineBytes || ContentCoding(of: message.head.headers) != .identity
    }

    /// Starts a prediction: its body is read when its turn comes. A refusal that is found then is
    /// sent as the answer is.
    func submit(_ request: PredictionRequest) throws(Refusal) {
        let deadline = try request.deadline(max: shared.options.requestTimeout)
        let inFlight = request.inFlight
        let admission = batcher.submit(
            request, key: 0, client: inFlight.reply.connection, rows: 1, deadline: deadline)
        inFlight.wait(in: batcher, try shared.ticket(of: admission), .reading)
    }

    private static func read(
        _ request: PredictionRequest, _ pipeline: borrowing Mutex<RequestPipeline>
    ) {
        guard request.inFlight.isWanted else { return }
        do throws(Refusal) {
            try pipeline.withLock { pipeline throws(Refusal) in try pipeline.predict(request) }
        } catch {
            request.inFlight.reply.send(.answer(.failure(error)))
        }
    }
}
