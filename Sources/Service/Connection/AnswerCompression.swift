internal import Batching
internal import Clocks
internal import HTTPMessages
internal import Sockets

/// Puts the answers of one event loop in the coding that their requests prefer. Belongs to that
/// loop.
final class AnswerCompression {
    /// Bytes of an answer that a loop compresses itself, in less than a millisecond.
    private static let longestInline = 64 * 1024
    /// Bytes that it compresses in one turn.
    static let bytesPerTurn = 2 * longestInline

    /// What is to be done with an answer.
    enum Outcome {
        case send(HTTPResponseMessage)
        /// It is compressed beside the loop, and sent to its reply address then.
        case later(Ticket)
    }

    private let encoder = GzipEncoder()
    private let queue: CompressionQueue
    private var share = TurnShare(AnswerCompression.bytesPerTurn)

    init(_ queue: CompressionQueue) { self.queue = queue }

    /// The answer as it goes out, or that it takes long. `now` is the time of the loop's turn.
    func coded(
        _ message: HTTPResponseMessage, _ context: RequestContext, _ reply: ReplyAddress,
        now: UInt64
    ) -> Outcome {
        var message = message
        guard message.varies(with: context.codings) else { return .send(message) }
        let count = message.body.count
        if count > Self.longestInline || !share.takes(count, now: now),
            let ticket = queue.add(message, context, reply)
        {
            return .later(ticket)
        }
        if let encoder { message.gzip(with: encoder) }
        return .send(message)
    }

    /// Whoever was to get the answer has left. What its books said; nil when it is compressed by
    /// now and on its way.
    func cancel(_ ticket: Ticket) -> RequestContext? { queue.cancel(ticket) }
}

/// Compresses the long answers of all loops, one at a time, so that no connection of a loop and no
/// batch waits for it. The connections take turns, and what nobody waits for is left alone.
final class CompressionQueue: Sendable {
    /// Answers that wait; more than that are compressed by their loops.
    static let mostWaiting = 16 * 1024

    private struct Entry: Sendable {
        let message: HTTPResponseMessage
        let context: RequestContext
        let reply: ReplyAddress
    }

    private let heldBytes: HeldBytes
    private let batcher: Batcher<Int, ConnectionID, Entry>

    init(_ heldBytes: HeldBytes) {
        self.heldBytes = heldBytes
        batcher = Batcher(
            limits: BatchLimits(maxQueueRows: Self.mostWaiting, maxBatchRows: 1),
            label: "headserve.compression", clock: { MonotonicClock.now },
            // Nothing here is ever late: its deadline was kept when it was computed.
            expire: { _ in },
            run: { _, entries in
                for entry in entries {
                    var message = entry.message
                    if let encoder = GzipEncoder() { message.gzip(with: encoder) }
                    entry.reply.send(message, entry.context)
                    heldBytes.change(by: -entry.message.body.count)
                }
            })
    }

    /// Takes an answer, whose bytes are held from now on; nil when there is no room.
    func add(
        _ message: HTTPResponseMessage, _ context: RequestContext, _ reply: ReplyAddress
    ) -> Ticket? {
        let count = message.body.count
        heldBytes.change(by: count)
        let admission = batcher.submit(
            Entry(message: message, context: context, reply: reply), key: 0,
            client: reply.connection, rows: 1, deadline: .max)
        if case .admitted(let ticket) = admission { return ticket }
        heldBytes.change(by: -count)
        return nil
    }

    func cancel(_ ticket: Ticket) -> RequestContext? {
        guard let entry = batcher.cancel(ticket) else { return nil }
        heldBytes.change(by: -entry.message.body.count)
        return entry.context
    }
}
