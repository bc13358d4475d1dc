import HTTPMessages
import HTTPTypes

/// A connection with its owner, without a socket; keeps a record of both and checks it at every
/// step.
final class FuzzedConnection {
    /// A request that was handed out or refused.
    enum Request: Equatable {
        case dispatched(HTTPRequestMessage)
        case rejected(HTTPParseError)
        case refused(RequestHead)
    }

    /// A request whose answer is due.
    final class Due {
        let id: RequestID
        init(_ id: RequestID) { self.id = id }
    }

    typealias Work = Due

    let owned: OwnedConnection
    private let limits: HTTPLimits
    private(set) var now: UInt64 = 1
    private var timer: UInt64?
    private var held: [UInt8] = []
    private(set) var asked: [Request] = []
    private(set) var due: [RequestID] = []
    private(set) var isPaused = false
    /// Whether time, a drain or want of room may have cut the stream short.
    private(set) var wasDisturbed = false
    private var isOver = false
    private var hasFinishedWriting = false
    private var answered = 0
    private var output: [UInt8] = []
    private var unflushed = 0
    private var longestFragment = 0
    var flushesAtOnce = true

    private static let date = HTTPDate(unixSeconds: 0)
    /// Bytes of the longest answer's body, `<` and `>` around an ordinal.
    private static let answerBytes = 8

    init(limits: HTTPLimits) {
        self.limits = limits
        owned = OwnedConnection(
            ServerConnection(limits: limits, now: 0, policy: Self.verdict))
    }

    /// Strangers and unread bodies, told by the path.
    private static func verdict(on head: RequestHead) -> RequestVerdict {
        switch head.path.utf8.dropFirst().first {
        case UInt8(ascii: "r"): RequestVerdict(.refuse(TurnedAway()))
        case UInt8(ascii: "u"): RequestVerdict(.takeUpTo(unreadBytes, otherwise: nil))
        case UInt8(ascii: "v"): RequestVerdict(.takeUpTo(unreadBytes, otherwise: TurnedAway()))
        default: RequestVerdict(.take)
        }
    }

    private struct TurnedAway: Error {}
    static let unreadBytes = 3

    func receive(_ bytes: [UInt8]) throws(BrokenPromise) {
        longestFragment = max(longestFragment, bytes.count)
        if !isOver { try receive(bytes.span) }
    }

    /// Keeps what comes while reading is paused, as the peer's socket would.
    func hold(_ bytes: [UInt8]) { held += bytes }

    func receiveHeld() throws(BrokenPromise) {
        guard !isPaused, !held.isEmpty else { return }
        let bytes = held
        held = []
        try receive(bytes)
    }

    func answer(_ id: RequestID) throws(BrokenPromise) {
        answered += 1
        let response = HTTPResponseMessage(
            status: .ok, body: Array("<\(id.ordinal)>".utf8))
        try finish(id) { _ in
            due.removeAll { $0 == id }
            return .answer(response)
        }
        // A second answer is dropped: nobody waits for it, and the machine takes none.
        var isTaken = false
        try finish(id) { _ in
            isTaken = true
            return .pending(Due(id))
        }
        let actions = owned.machine.respond(to: id, response, date: Self.date, now: now)
        guard !isTaken, actions.isEmpty else { throw .answeredTwice }
    }

    func flush(all: Bool) throws(BrokenPromise) {
        guard unflushed > 0, !isOver else { return }
        unflushed = all ? 0 : unflushed / 2
        try writeProgressed(pending: unflushed)
    }

    func wait(nanoseconds: UInt64) throws(BrokenPromise) {
        now += nanoseconds
        while let time = timer, time <= now, !isOver {
            timer = nil
            wasDisturbed = true
            try timerFired()
        }
    }

    func drain() throws(BrokenPromise) {
        wasDisturbed = true
        if !isOver { try beginDrain() }
    }

    func shed() throws(BrokenPromise) {
        wasDisturbed = true
        if !isOver { try shedBody() }
    }

    /// Every answer that is still due, and the peer's end: the connection has to close by itself.
    func end() throws(BrokenPromise) {
        while !isOver, isPaused || !held.isEmpty || !due.isEmpty || unflushed > 0 {
            while let id = due.first { try answer(id) }
            try flush(all: true)
            try receiveHeld()
        }
        if !isOver { try peerClosedReading() }
        while let id = due.first { try answer(id) }
        try flush(all: true)
        guard isOver else { throw .connectionStaysOpen }
        try checkOutput()
    }

    private func note(_ id: RequestID, _ request: Request) throws(BrokenPromise) {
        guard id.ordinal == UInt64(asked.count), !hasFinishedWriting
        else { throw .requestOutOfOrder }
        asked.append(request)
        due.append(id)
    }

    private func checkSize() throws(BrokenPromise) {
        // A refused request waits beside those that were dispatched.
        try check(
            "waiting requests", owned.machine.waitingRequests.count, limits.maxPipelinedRequests + 1
        )
        // A body in progress; those that wait, the last of them begun below the limit; the answers
        // that wait, of a few bytes each; those that are being written; one fragment.
        let answers = Self.answerBytes * (limits.maxPipelinedRequests + 1) + unflushed
        let bodies = 2 * limits.maxBodyBytes + limits.maxPipelinedBodyBytes
        try check("held bytes", owned.machine.heldBytes, bodies + answers + longestFragment)
    }

    private func check(_ what: String, _ value: Int, _ maximum: Int) throws(BrokenPromise) {
        guard value <= maximum else {
            throw .limitPassed(what: what, value: value, maximum: maximum)
        }
    }

    /// As many answers as were asked for, in their order; fewer only where the end was forced.
    private func checkOutput() throws(BrokenPromise) {
        let text = String(decoding: output, as: UTF8.self)
        let heads = text.split(separator: "HTTP/1.1 200", omittingEmptySubsequences: false)
        guard wasDisturbed || heads.count - 1 == asked.count, heads.count - 1 <= answered
        else { throw .answerCount(asked: asked.count, found: heads.count - 1) }
        let ordinals = heads.dropFirst().compactMap { head in
            head.firstIndex(of: "<").flatMap { Int(head[$0...].dropFirst().prefix { $0 != ">" }) }
        }
        guard ordinals == ordinals.sorted(), Set(ordinals).count == ordinals.count
        else { throw .requestOutOfOrder }
    }
}

extension FuzzedConnection: ConnectionOwner {
    typealias Failure = BrokenPromise

    func date() -> HTTPDate { Self.date }

    func begin(
        _ id: RequestID, _ message: HTTPRequestMessage, _ route: (any RequestRoute)?
    ) throws(BrokenPromise) -> RequestStep {
        try note(id, .dispatched(message))
        try MessageProbe.check(message, limits)
        return .pending(Due(id))
    }

    func reject(
        _ id: RequestID, _ error: HTTPParseError
    ) throws(BrokenPromise) -> RequestStep {
        try note(id, .rejected(error))
        return .pending(Due(id))
    }

    func refuse(
        _ id: RequestID, _ head: RequestHead, _ route: (any RequestRoute)?, _ error: any Error
    ) throws(BrokenPromise) -> RequestStep {
        try note(id, .refused(head))
        try MessageProbe.checkHead(head, limits)
        return .pending(Due(id))
    }

    /// Each request that is given up is one that waits, and is given up once.
    func cancel(_ work: Due) throws(BrokenPromise) {
        wasDisturbed = true
        guard let index = due.firstIndex(of: work.id) else { throw .answeredTwice }
        due.remove(at: index)
    }

    func write(_ bytes: [UInt8]) {
        output += bytes
        unflushed += bytes.count
    }

    func pauseReading() { isPaused = true }
    func resumeReading() { isPaused = false }
    func setTimer(at time: UInt64) { timer = time }
    func cancelTimer() { timer = nil }
    func finishWriting() { hasFinishedWriting = true }
    func close() { isOver = true }
    func abort() { isOver = true }

    func settle() throws(BrokenPromise) {
        try checkSize()
        if flushesAtOnce { try flush(all: true) }
    }
}
