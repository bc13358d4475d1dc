import HTTPMessages
import HTTPTypes

/// The owner of the connection: its requests.
extension Peer: ConnectionOwner {
    typealias Work = PendingJob
    typealias Failure = Breach

    private static let date = HTTPDate(unixSeconds: 0)

    var now: UInt64 { world.now - min(world.now, clockLag) }
    func date() -> HTTPDate { Self.date }

    func begin(
        _ id: RequestID, _ message: HTTPRequestMessage, _ route: (any RequestRoute)?
    ) throws(Breach) -> RequestStep {
        try require(
            id.ordinal == UInt64(asked) && asked < wholeRequests, .requestsInOrder,
            "connection \(number): request \(id.ordinal) behind \(asked)")
        let request = requests[asked]
        asked += 1
        if request.announcesEnd { heardLast = true }
        try require(
            message.head.path == request.path && refusals == 0
                && (request.kind == .prediction || request.kind == .probe), .requestsInOrder,
            "\(message.head.path) in the place of \(request.name)")
        guard request.kind == .prediction else {
            return .answer(world.answer(.ok, request.name))
        }
        let numbers = String(decoding: message.body, as: UTF8.self).split(separator: " ")
        try require(
            numbers == ["\(request.name)", "\(request.rows)", "\(request.timeout)"],
            .requestsInOrder, "the body of \(request.name)")
        return try world.admit(
            Job(
                name: request.name, rows: request.rows, key: world.key, connection: number,
                request: id, deadline: world.now + request.timeout))
    }

    func reject(
        _ id: RequestID, _ error: HTTPParseError
    ) throws(Breach) -> RequestStep {
        try require(
            id.ordinal == UInt64(asked) && asked < requests.count + 1, .requestsInOrder,
            "connection \(number): refusal \(id.ordinal)")
        let isWhole = asked < wholeRequests
        let isMalformed = isWhole && requests[asked].kind == .malformed
        try require(!isWhole || isMalformed, .refusedForCause, "\(error)")
        asked += 1
        refusals += 1
        world.tally.refusals += 1
        return .answer(
            HTTPResponseMessage(
                status: HTTPResponse.Status(code: error.status), body: Array("refused".utf8)))
    }

    /// A stranger, of whose body nothing was kept.
    func refuse(
        _ id: RequestID, _ head: RequestHead, _ route: (any RequestRoute)?, _ error: any Error
    ) throws(Breach) -> RequestStep {
        try require(
            id.ordinal == UInt64(asked) && asked < requests.count, .requestsInOrder,
            "connection \(number): stranger \(id.ordinal)")
        let request = requests[asked]
        try require(
            request.kind == .stranger && head.path == request.path, .refusedForCause,
            "\(head.path) in the place of \(request.path)")
        asked += 1
        refusals += 1
        world.tally.strangers += 1
        return .answer(HTTPResponseMessage(status: .unauthorized, body: Array("refused".utf8)))
    }

    /// The client has left: its prediction leaves the queue.
    func cancel(_ pending: PendingJob) throws(Breach) {
        if !hasLeft, !isForsaken {
            try require(heardEnd && !heardLast, .leftForCause, "connection \(number)")
            isForsaken = true
        }
        try world.withdraw(pending)
    }
}

/// The owner of the connection: its socket.
extension Peer {
    func write(_ bytes: [UInt8]) { output += bytes }
    func pauseReading() { isPaused = true }
    func resumeReading() { isPaused = false }

    func setTimer(at time: UInt64) throws(Breach) {
        // The grace of a drain may be over by the time that a last answer has left.
        try require(
            time >= world.now || time == world.graceEnd, .timersAhead,
            "\(time) is before \(world.now)")
        if world.fault != .timersLost { timer = max(time, world.now) }
    }

    func cancelTimer() { timer = nil }
    func finishWriting() { isFinishing = true }

    func close() throws(Breach) {
        isClosing = true
        guard !heardEnd, !heardLast, refusals == 0, world.drainEnd == nil else { return }
        try require(
            asked == wholeRequests, .oneAnswer,
            "connection \(number) closed on \(wholeRequests - asked) requests")
    }

    /// Only a client that does not read, or goes on sending after its last answer, is cut off.
    func abort() throws(Breach) {
        world.tally.aborts += 1
        try require(!output.isEmpty || isFinishing, .leftForCause, "connection \(number)")
        hasLeft = true
        try world.remove(self)
    }

    func settle() throws(Breach) { try world.closeIfFlushed(self) }
}
