import HTTPMessages
import HTTPTypes

/// Plays the owner of a connection, keeps its book, and checks it at every step.
struct ConnectionOwner {
    /// A request that was handed out or refused.
    enum Request: Equatable {
        case dispatched(HTTPRequestMessage)
        case rejected(HTTPParseError)
        case refused(HTTPRequestMessage)
    }

    private var machine: ServerConnection
    private let limits: HTTPLimits
    private var now: UInt64 = 1
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
        machine = ServerConnection(limits: limits, now: 0, judge: Self.verdict)
    }

    /// Strangers and unread bodies, told by the path.
    private static func verdict(on head: HTTPRequestMessage) -> HeadVerdict {
        switch head.path.utf8.dropFirst().first {
        case UInt8(ascii: "r"): .refuse(TurnedAway())
        case UInt8(ascii: "u"): .takeUpTo(unreadBytes, otherwise: nil)
        case UInt8(ascii: "v"): .takeUpTo(unreadBytes, otherwise: TurnedAway())
        default: .take
        }
    }

    private struct TurnedAway: Error {}
    static let unreadBytes = 3

    mutating func receive(_ bytes: [UInt8]) throws(BrokenPromise) {
        longestFragment = max(longestFragment, bytes.count)
        if !isOver { try perform(machine.receive(bytes.span, now: now)) }
    }

    /// Keeps what comes while reading is paused, as the peer's socket would.
    mutating func hold(_ bytes: [UInt8]) { held += bytes }

    mutating func receiveHeld() throws(BrokenPromise) {
        guard !isPaused, !held.isEmpty else { return }
        let bytes = held
        held = []
        try receive(bytes)
    }

    mutating func answer(_ id: RequestID) throws(BrokenPromise) {
        due.removeAll { $0 == id }
        answered += 1
        let response = HTTPResponseMessage(
            status: .ok, body: Array("<\(id.ordinal)>".utf8))
        try perform(machine.respond(to: id, response, date: Self.date, now: now))
        // A second answer is dropped.
        guard machine.respond(to: id, response, date: Self.date, now: now).isEmpty
        else { throw .answeredTwice }
    }

    mutating func flush(all: Bool) throws(BrokenPromise) {
        guard unflushed > 0, !isOver else { return }
        unflushed = all ? 0 : unflushed / 2
        try perform(machine.writeProgressed(pending: unflushed, now: now))
    }

    mutating func wait(nanoseconds: UInt64) throws(BrokenPromise) {
        now += nanoseconds
        while let time = timer, time <= now, !isOver {
            timer = nil
            wasDisturbed = true
            try perform(machine.timerFired(now: now))
        }
    }

    mutating func drain() throws(BrokenPromise) {
        wasDisturbed = true
        if !isOver { try perform(machine.beginDrain(now: now)) }
    }

    mutating func shed() throws(BrokenPromise) {
        wasDisturbed = true
        if !isOver { try perform(machine.shedBody(now: now)) }
    }

    /// Every answer that is still due, and the peer's end: the connection has to close by itself.
    mutating func end() throws(BrokenPromise) {
        while !isOver, isPaused || !held.isEmpty || !due.isEmpty || unflushed > 0 {
            while let id = due.first { try answer(id) }
            try flush(all: true)
            try receiveHeld()
        }
        if !isOver { try perform(machine.peerClosedReading(now: now)) }
        while let id = due.first { try answer(id) }
        try flush(all: true)
        guard isOver else { throw .connectionStaysOpen }
        try checkOutput()
    }

    private mutating func perform(_ actions: [ConnectionAction]) throws(BrokenPromise) {
        for action in actions {
            switch action {
            case .dispatch(let id, let message):
                try note(id, .dispatched(message))
                try MessageProbe.check(message, limits)
            case .reject(let id, let error): try note(id, .rejected(error))
            case .refuse(let id, let head, _):
                try note(id, .refused(head))
                try MessageProbe.checkHead(head, limits)
                try check("kept body bytes", head.body.count, 0)
            case .forsake:
                wasDisturbed = true
                due = []
            case .write(let bytes):
                output += bytes
                unflushed += bytes.count
            case .pauseReading: isPaused = true
            case .resumeReading: isPaused = false
            case .setTimer(let time): timer = time
            case .cancelTimer: timer = nil
            case .finishWriting: hasFinishedWriting = true
            case .close, .abort: isOver = true
            }
        }
        try checkSize()
        if flushesAtOnce { try flush(all: true) }
    }

    private mutating func note(_ id: RequestID, _ request: Request) throws(BrokenPromise) {
        guard id.ordinal == UInt64(asked.count), !hasFinishedWriting
        else { throw .requestOutOfOrder }
        asked.append(request)
        due.append(id)
    }

    private func checkSize() throws(BrokenPromise) {
        // A refused request waits beside those that were dispatched.
        try check("waiting requests", machine.waitingRequests.count, limits.pipelinedRequests + 1)
        // A body in progress; those that wait, the last of them begun below the limit; the answers
        // that wait, of a few bytes each; those that are being written; one fragment.
        let answers = Self.answerBytes * (limits.pipelinedRequests + 1) + unflushed
        let bodies = 2 * limits.bodyBytes + limits.pipelinedBodyBytes
        try check("held bytes", machine.heldBytes, bodies + answers + longestFragment)
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
