import HTTPTypes

@testable import HTTPMessages

/// Plays the owner of a connection's socket: carries out actions and keeps the book.
struct ConnectionDriver {
    var machine: ServerConnection
    var now: UInt64 = 1_000
    /// Requests in the order they were handed out, refused ones included.
    var asked: [RequestID] = []
    var dispatched: [RequestID: HTTPRequestMessage] = [:]
    var errors: [HTTPParseError] = []
    /// What the verdict on the head refused.
    var refused: [Refused] = []
    var answered: [RequestID] = []
    var output: [UInt8] = []
    var isPaused = false
    var timer: UInt64?
    var hasFinishedWriting = false
    var hasForsaken = false
    var isClosed = false
    var isAborted = false
    struct Refused: Equatable {
        let head: HTTPRequestMessage
        let reason: String
    }
    /// Whether written bytes count as flushed at once.
    var flushes = true

    init(
        limits: HTTPLimits = HTTPLimits(), judge: @escaping HeadVerdict.Judge = { _ in .take }
    ) {
        machine = ServerConnection(limits: limits, now: 1_000, judge: judge)
        perform(machine.start())
    }

    var waiting: [RequestID] { machine.waitingRequests }
    var text: String { String(decoding: output, as: UTF8.self) }
    static let date = HTTPDate(unixSeconds: 784_111_777)

    mutating func receive(_ text: String) { receive(Array(text.utf8)) }

    mutating func receive(_ bytes: [UInt8]) {
        perform(machine.receive(bytes.span, now: now))
    }

    /// Answers with the request's ordinal as the body, so that the order can be read back.
    mutating func respond(
        _ id: RequestID, status: HTTPResponse.Status = .ok, body: [UInt8]? = nil
    ) {
        let response = HTTPResponseMessage(
            status: status, body: body ?? Array("<\(id.ordinal)>".utf8))
        if machine.waitingRequests.contains(id) { answered.append(id) }
        perform(machine.respond(to: id, response, date: Self.date, now: now))
    }

    mutating func eof() { perform(machine.peerClosedReading(now: now)) }
    mutating func shedBody() { perform(machine.shedBody(now: now)) }
    mutating func drain() { perform(machine.beginDrain(now: now)) }
    mutating func flush() { progress(0) }
    mutating func progress(_ pending: Int) {
        perform(machine.writeProgressed(pending: pending, now: now))
    }

    /// Moves the clock; the timer fires when its time has come.
    mutating func advance(to time: UInt64) {
        now = time
        while let due = timer, due <= now, !isClosed {
            timer = nil
            perform(machine.timerFired(now: now))
        }
    }

    private mutating func perform(_ actions: [ConnectionAction]) {
        var hasWritten = false
        for action in actions {
            switch action {
            case .dispatch(let id, let message):
                asked.append(id)
                dispatched[id] = message
            case .reject(let id, let error):
                asked.append(id)
                errors.append(error)
            case .refuse(let id, let head, let error):
                asked.append(id)
                refused.append(Refused(head: head, reason: "\(error)"))
            case .forsake: hasForsaken = true
            case .write(let bytes):
                output += bytes
                hasWritten = true
            case .pauseReading: isPaused = true
            case .resumeReading: isPaused = false
            case .setTimer(let time): timer = time
            case .cancelTimer: timer = nil
            case .finishWriting: hasFinishedWriting = true
            case .close: isClosed = true
            case .abort:
                isClosed = true
                isAborted = true
            }
        }
        if hasWritten, flushes { flush() }
    }
}
