import HTTPTypes

@testable import HTTPMessages

/// Owns a connection without a socket, and keeps a record of it.
final class ConnectionDriver {
    /// A request whose answer the test gives.
    final class Due {
        let id: RequestID
        init(_ id: RequestID) { self.id = id }
    }

    typealias Work = Due

    let owned: OwnedConnection
    var now: UInt64 = 1_000
    /// Requests in the order they were handed out, refused ones included.
    var asked: [RequestID] = []
    var dispatched: [RequestID: HTTPRequestMessage] = [:]
    var errors: [HTTPParseError] = []
    /// Requests that the verdict on their head refused.
    var refused: [Refused] = []
    var answered: [RequestID] = []
    var output: [UInt8] = []
    var isPaused = false
    var timer: UInt64?
    var hasFinishedWriting = false
    /// Requests that were given up.
    var cancelled: [RequestID] = []
    var isClosed = false
    var isAborted = false
    struct Refused: Equatable {
        let head: RequestHead
        let reason: String
    }
    /// Whether written bytes count as flushed at once.
    var flushes = true
    private var hasWritten = false

    init(
        limits: HTTPLimits = HTTPLimits(),
        policy: @escaping RequestVerdict.Policy = { _ in RequestVerdict(.take) }
    ) {
        owned = OwnedConnection(ServerConnection(limits: limits, now: 1_000, policy: policy))
        start()
    }

    var machine: ServerConnection { owned.machine }
    var waiting: [RequestID] { machine.waitingRequests }
    var text: String { String(decoding: output, as: UTF8.self) }
    static let date = HTTPDate(unixSeconds: 784_111_777)

    func receive(_ text: String) { receive(Array(text.utf8)) }

    func receive(_ bytes: [UInt8]) { receive(bytes.span) }

    /// Answers with the request's ordinal as the body, so that the order can be read back.
    func respond(_ id: RequestID, status: HTTPResponse.Status = .ok, body: [UInt8]? = nil) {
        let response = HTTPResponseMessage(
            status: status, body: body ?? Array("<\(id.ordinal)>".utf8))
        if machine.waitingRequests.contains(id) { answered.append(id) }
        finish(id) { _ in .answer(response) }
    }

    func eof() { peerClosedReading() }
    func drain() { beginDrain() }
    func flush() { progress(0) }
    func progress(_ pending: Int) { writeProgressed(pending: pending) }

    /// Moves the clock; the timer fires when its time has come.
    func advance(to time: UInt64) {
        now = time
        while let due = timer, due <= now, !isClosed {
            timer = nil
            timerFired()
        }
    }
}

extension ConnectionDriver: ConnectionOwner {
    func date() -> HTTPDate { Self.date }

    func begin(
        _ id: RequestID, _ message: HTTPRequestMessage, _ route: (any RequestRoute)?
    ) -> RequestStep {
        asked.append(id)
        dispatched[id] = message
        return .pending(Due(id))
    }

    func refuse(
        _ id: RequestID, _ head: RequestHead, _ route: (any RequestRoute)?, _ error: any Error
    ) -> RequestStep {
        asked.append(id)
        refused.append(Refused(head: head, reason: "\(error)"))
        return .pending(Due(id))
    }

    func reject(_ id: RequestID, _ error: HTTPParseError) -> RequestStep {
        asked.append(id)
        errors.append(error)
        return .pending(Due(id))
    }

    func cancel(_ due: Due) { cancelled.append(due.id) }

    func write(_ bytes: [UInt8]) {
        output += bytes
        hasWritten = true
    }

    func pauseReading() { isPaused = true }
    func resumeReading() { isPaused = false }
    func setTimer(at time: UInt64) { timer = time }
    func cancelTimer() { timer = nil }
    func finishWriting() { hasFinishedWriting = true }
    func close() { isClosed = true }

    func abort() {
        isClosed = true
        isAborted = true
    }

    func settle() {
        guard hasWritten, flushes else { return }
        hasWritten = false
        flush()
    }
}
