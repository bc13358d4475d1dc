internal import Batching
internal import Clocks
internal import HTTPMessages
internal import Synchronization

/// Decodes bodies off the loop: long ones, and coded ones that may be long, take long to read, so
/// they are decoded and parsed in turns of their own, and no other connection of the loop waits for
/// them. 64 KiB of gzip may hold 64 MiB of JSON.
///
/// A `TurnExecutor` is used for its fairness, deadlines and cancellation: clients take turns by
/// time, a body that is not done at the end of its turn is held up where it asks, and a request
/// that is too late or whose client has left is not read at all.
final class BodyReadingQueue: Sendable {
    /// Bytes of a plain body that a loop reads itself, in a millisecond or two.
    static let maxInlineBytes = 1 << 20
    /// Requests of one client that wait here. A connection never has as many; the connections that
    /// share a key might. All clients' together are bounded by what connections may have waiting,
    /// and their bodies are counted in `HeldBytes`.
    static let maxWaitingRequests = 16 * 1024
    /// Short bodies that are read in one turn.
    private static let maxBatchRequests = 8

    private let shared: SharedService
    private let times: ByteTimes
    private let limits: TurnLimits
    private let executor: TurnExecutor<PredictionRequest, Lane>

    /// The means of one body in progress. It keeps its decoders' memory, which that of long bodies
    /// is no part of.
    private final class Lane: Sendable {
        private let turn: Turn
        private let pipeline: Mutex<RequestPipeline>

        init(_ shared: SharedService, _ turn: Turn, _ times: ByteTimes) {
            self.turn = turn
            let reading = ReadingTurn(turn: turn, heldBytes: shared.heldBytes, times: times)
            pipeline = Mutex(RequestPipeline(shared, reading: reading))
        }

        func read(_ requests: [PredictionRequest]) {
            for request in requests where request.inFlight.isWanted {
                do throws(Refusal) {
                    try pipeline.withLock { pipeline throws(Refusal) in
                        try pipeline.predict(request)
                    }
                } catch {
                    request.inFlight.reply.send(.answer(.failure(error)))
                }
                turn.checkpoint()
            }
        }
    }

    init(_ shared: SharedService) {
        self.shared = shared
        let times = ByteTimes(start: ReadingSize.startTime)
        self.times = times
        limits = TurnLimits(
            maxClientRows: Self.maxWaitingRequests, maxBatchRows: Self.maxBatchRequests,
            quantum: TurnLimits.briefQuantum, maxRunBytes: shared.options.maxHeldBytes)
        executor = TurnExecutor(
            limits: limits, label: "headserve.body-reading", clock: { MonotonicClock.now },
            makeTools: { Lane(shared, $0, times) },
            expire: { requests in
                for late in requests { late.inFlight.reply.send(.answer(.failure(.deadline))) }
            },
            run: { _, requests, lane in lane.read(requests) })
    }

    /// Bytes that a body may have without its coding.
    var maxBodyBytes: Int { shared.options.maxBodyBytes }

    /// Whether the request's body is to be read here, whatever else the loop has to do, unless it
    /// is a `ShortCodedBody`.
    static func takes(_ message: HTTPRequestMessage) -> Bool {
        message.body.count > maxInlineBytes || ContentCoding(of: message.head.headers) != .identity
    }

    /// Starts a prediction: its body is read when its turn comes. A refusal that is found then is
    /// sent as the answer is.
    func submit(_ request: PredictionRequest) throws(Refusal) {
        let deadline = try request.deadline(max: shared.options.requestTimeout)
        let inFlight = request.inFlight
        let size = ReadingSize(request.message, maxBodyBytes: shared.options.maxBodyBytes)
        let admission = executor.submit(
            request, key: 0, client: inFlight.client,
            size: size.entry(times, quantum: limits.quantum), deadline: deadline)
        inFlight.wait(in: executor, try shared.ticket(of: admission), .reading)
    }
}
