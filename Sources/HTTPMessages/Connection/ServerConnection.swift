import HTTPTypes

/// The server's side of an HTTP/1.x connection as a pure state machine: bytes, answers and times go
/// in, actions come out. It does no I/O and reads no clock; `now` is monotonic nanoseconds.
///
/// Requests are dispatched as they arrive, within the limits. Answers may come in any order and
/// leave in the order of the requests. After the last answer the connection lingers: it discards
/// input for a bounded time, so that a client that is still sending can read its answer.
///
/// The owner carries out the actions of each call, in order, before it makes the next call.
package struct ServerConnection: Sendable {
    /// The stage of a connection's life.
    enum Stage: Sendable, Equatable {
        case open
        /// The last answer is emitted; input is discarded until the peer closes too.
        case lingering
        /// `.close` was emitted; only the flush is left.
        case closing
        /// `.abort` was emitted, or the socket is closed.
        case closed
    }

    let limits: HTTPLimits
    let policy: RequestVerdict.Policy
    var parser: RequestParser
    var queue = AnswerQueue()
    /// Input that arrived while no further request could begin. At most the bytes of one read,
    /// since the same call pauses reading.
    var backlog: [UInt8] = []
    var stage = Stage.open

    /// False once no further request will begin, because the client said `close`, a request was
    /// refused, or the peer closed its side.
    var takesRequests = true
    /// When a drain began; nil before.
    var drainStart: UInt64?
    var peerHasClosed = false
    /// Whether the answer is the last because the client asked for no more; then there is nothing
    /// to linger for.
    var clientAskedToClose = false
    var isReadingPaused = false
    var hasSentContinue = false
    /// The endpoint of the request in progress, once its head is complete.
    var route: (any RequestRoute)?
    /// The refusal of the request in progress when its body is too long; nil for a 413.
    var excessRefusal: (any Error)?
    var discardedBytes = 0
    /// Bytes emitted with `.write` and not yet reported as flushed.
    var unflushedBytes = 0
    /// The number of answers in them.
    var unflushedAnswers = 0

    /// When the request in progress began.
    var requestStart: UInt64 = 0
    /// Deadlines of the body in progress and of the answers being written.
    var bodyDeadline = TransferDeadline(start: 0, patience: 0, bytesPerSecond: 1)
    var writeDeadline = TransferDeadline(start: 0, patience: 0, bytesPerSecond: 1)
    var lastActivity: UInt64
    var lastWriteProgress: UInt64 = 0
    /// The deadline that the owner's timer is set to.
    var armedDeadline: UInt64?

    /// A connection that was accepted at `now`. Call `start` for its first actions.
    ///
    /// - Parameters:
    ///   - limits: bounds of everything that the peer sends.
    ///   - now: monotonic nanoseconds.
    ///   - policy: decides about every request at the end of its head.
    package init(
        limits: HTTPLimits = HTTPLimits(), now: UInt64,
        policy: @escaping RequestVerdict.Policy = { _ in RequestVerdict(.take) }
    ) {
        self.limits = limits
        self.policy = policy
        parser = RequestParser(limits: limits)
        lastActivity = now
    }

    var isDraining: Bool { drainStart != nil }

    /// The requests that were dispatched or rejected and whose answers have not left. Once the
    /// socket is closed, nobody waits for them any more.
    package var waitingRequests: [RequestID] { queue.ids }

    /// The first actions: the idle timer.
    package mutating func start() -> [ConnectionAction] { finishing([]) }

    /// Takes bytes from the peer, in any fragmentation. They are kept beyond the call only as parts
    /// of a request or, within the limits, as backlog.
    package mutating func receive(_ bytes: Span<UInt8>, now: UInt64) -> [ConnectionAction] {
        guard bytes.count > 0 else { return [] }
        lastActivity = now
        var actions: [ConnectionAction] = []
        switch stage {
        case .closing, .closed: return []
        case .lingering: discard(bytes.count, into: &actions)
        case .open:
            if !takesRequests {
                discard(bytes.count, into: &actions)
            } else if !backlog.isEmpty {
                backlog.append(span: bytes)
                takeBacklog(now: now, into: &actions)
            } else {
                take(bytes, now: now, into: &actions)
            }
        }
        return finishing(consume actions)
    }

    /// Takes the answer to a request. If the request no longer waits for one, the answer is dropped
    /// without an action. `date` is the Date header of answers that leave now.
    package mutating func respond(
        to id: RequestID, _ response: HTTPResponseMessage, date: HTTPDate, now: UInt64
    ) -> [ConnectionAction] {
        guard stage == .open, queue.answer(id, with: response) else { return [] }
        lastActivity = now
        var actions: [ConnectionAction] = []
        writeAnswers(date: date, into: &actions)
        takeBacklog(now: now, into: &actions)
        return finishing(consume actions)
    }

    /// Reports that written bytes were sent and `pending` of them are still queued.
    package mutating func writeProgressed(pending: Int, now: UInt64) -> [ConnectionAction] {
        let left = max(0, pending)
        writeDeadline.moved(max(0, unflushedBytes - left), now: now)
        unflushedBytes = left
        if left == 0 { unflushedAnswers = 0 }
        lastWriteProgress = now
        lastActivity = now
        var actions: [ConnectionAction] = []
        if stage == .open { takeBacklog(now: now, into: &actions) }
        return finishing(consume actions)
    }

    /// Reports that the peer will send nothing more. A peer that announced its last request with
    /// `close` still gets its answers, and one that was cut off within a request is told so. Any
    /// other that ends while work for it is under way has left, and its requests are dropped.
    package mutating func peerClosedReading(now: UInt64) -> [ConnectionAction] {
        var actions: [ConnectionAction] = []
        peerHasClosed = true
        switch stage {
        case .closing, .closed: return []
        case .lingering: close(into: &actions)
        case .open:
            if backlog.isEmpty { endInput(into: &actions) }
            closeIfDone(into: &actions)
        }
        return finishing(consume actions)
    }

    /// Begins the end: the last of the requests that have come, or are arriving, is answered with
    /// `Connection: close`. A connection without one stays open for `drainGrace`, and takes one
    /// more: its client may have sent it already, and has nobody else to ask.
    package mutating func beginDrain(now: UInt64) -> [ConnectionAction] {
        guard stage == .open, drainStart == nil else { return [] }
        drainStart = now
        var actions: [ConnectionAction] = []
        takeBacklog(now: now, into: &actions)
        closeIfDone(into: &actions)
        return finishing(consume actions)
    }

    /// Reports that the timer has fired. If it fired too early, it is only set again.
    package mutating func timerFired(now: UInt64) -> [ConnectionAction] {
        armedDeadline = nil
        var actions: [ConnectionAction] = []
        expire(now: now, into: &actions)
        return finishing(consume actions)
    }
}
