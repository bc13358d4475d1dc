internal import Batching
internal import Clocks
internal import HTTPMessages

/// Puts the answers of one event loop in the coding that their requests prefer. Belongs to that
/// loop.
final class AnswerCompression {
    /// Bytes of an answer that a loop compresses itself, in less than a millisecond.
    private static let maxInlineBytes = 64 * 1024
    /// Bytes that it compresses in one turn.
    static let maxTurnBytes = 2 * maxInlineBytes

    /// The coding of one answer.
    enum Outcome {
        case done(HTTPResponseMessage)
        /// It is compressed off the loop, and sent to the request's reply address then.
        case later(InFlight)
    }

    private let encoder = GzipEncoder()
    private let queue: CompressionQueue
    private var budget = TurnBudget(AnswerCompression.maxTurnBytes)

    init(_ queue: CompressionQueue) { self.queue = queue }

    /// Codes an answer now, or begins to code a long one. `now` is the time of the loop's turn;
    /// `inFlight` is asked for only where work begins.
    func coded(
        _ message: HTTPResponseMessage, _ codings: AcceptedCodings, now: UInt64,
        inFlight: () -> InFlight
    ) -> Outcome {
        var message = message
        guard message.varies(with: codings) else { return .done(message) }
        let count = message.body.count
        if count > Self.maxInlineBytes || !budget.takes(count, now: now) {
            let inFlight = inFlight()
            if queue.add(message, for: inFlight) { return .later(inFlight) }
        }
        if let encoder { message.gzip(with: encoder) }
        return .done(message)
    }
}

/// Compresses the long answers of all loops, one at a time, so that no connection of a loop and no
/// batch waits for it. Clients take turns, at each piece of an answer, and an answer that nobody
/// waits for is left alone.
final class CompressionQueue: Sendable {
    /// Answers of one client that wait; more than that are compressed by their loops. All clients'
    /// together are bounded by what connections may have waiting, and counted in `HeldBytes`.
    static let maxWaitingAnswers = 16 * 1024
    /// Nanoseconds a byte, before anything was compressed.
    private static let startTime = 5.0

    private struct Entry: Sendable {
        let message: HTTPResponseMessage
        let reply: ReplyAddress
    }

    private typealias Executor = TurnExecutor<Entry, Turn>

    private let heldBytes: HeldBytes
    private let times: ByteTimes
    private let executor: Executor

    init(_ heldBytes: HeldBytes) {
        self.heldBytes = heldBytes
        let times = ByteTimes(start: Self.startTime)
        self.times = times
        executor = Executor(
            limits: TurnLimits(
                maxClientRows: Self.maxWaitingAnswers, maxBatchRows: 1,
                quantum: TurnLimits.briefQuantum, maxRunBytes: heldBytes.limit),
            label: "headserve.compression", clock: { MonotonicClock.now }, makeTools: { $0 },
            // Nothing here is ever late: its deadline was kept when it was computed.
            expire: { _ in },
            run: { _, entries, turn in
                for entry in entries {
                    entry.reply.send(.coded(Self.compressed(entry.message, turn, times)))
                    heldBytes.change(by: -entry.message.body.count)
                }
            })
    }

    private static func compressed(
        _ message: HTTPResponseMessage, _ turn: Turn, _ times: ByteTimes
    ) -> HTTPResponseMessage {
        guard let encoder = GzipEncoder() else { return message }
        var coded = message
        let start = MonotonicClock.now
        coded.gzip(with: encoder) { turn.checkpoint() }
        let elapsed = MonotonicClock.now - start
        times.record(
            bytes: message.body.count, nanoseconds: elapsed - min(elapsed, turn.pausedTime))
        return coded
    }

    /// Takes an answer, whose bytes are held from now on; false when there is no room.
    func add(_ message: HTTPResponseMessage, for inFlight: InFlight) -> Bool {
        let count = message.body.count
        heldBytes.change(by: count)
        let admission = executor.submit(
            Entry(message: message, reply: inFlight.reply), key: 0,
            client: inFlight.client,
            size: EntrySize(
                rows: 1, expected: times.nanoseconds(bytes: count),
                bytes: GzipEncoder.memoryBytes + count),
            deadline: .max)
        guard case .admitted(let ticket) = admission else {
            heldBytes.change(by: -count)
            return false
        }
        inFlight.wait(in: self, ticket, .coding)
        return true
    }
}

extension CompressionQueue: WorkQueue {
    func withdraw(_ ticket: Ticket) {
        guard let entry = executor.cancel(ticket) else { return }
        heldBytes.change(by: -entry.message.body.count)
    }
}
