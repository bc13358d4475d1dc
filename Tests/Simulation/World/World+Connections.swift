import Batching
import HTTPMessages
import HTTPTypes

/// The owner of the connections: carries out actions, and hands requests to the queue.
extension World {
    private static let date = HTTPDate(unixSeconds: 0)

    mutating func perform(_ actions: [ConnectionAction], _ peer: Peer) throws(Breach) {
        var due: [(RequestID, HTTPResponseMessage)] = []
        for action in actions {
            switch action {
            case .dispatch(let id, let message):
                if let answer = try begin(id, message, peer) { due.append((id, answer)) }
            case .reject(let id, let error): due.append((id, try refuse(id, error, peer)))
            case .refuse(let id, let head, _): due.append((id, try turnAway(id, head, peer)))
            case .forsake: try forsake(peer)
            case .write(let bytes): peer.output += bytes
            case .pauseReading: peer.isPaused = true
            case .resumeReading: peer.isPaused = false
            case .setTimer(let time):
                try require(time >= now, .timersAhead, "\(time) is before \(now)")
                if fault != .timersLost { peer.timer = time }
            case .cancelTimer: peer.timer = nil
            case .finishWriting: peer.isFinishing = true
            case .close: try close(peer)
            case .abort: return try abort(peer)
            }
        }
        for (id, answer) in due { try respond(id, answer, peer) }
        try closeIfFlushed(peer)
    }

    mutating func respond(
        _ id: RequestID, _ answer: HTTPResponseMessage, _ peer: Peer
    ) throws(Breach) {
        guard isOpen(peer) else { return }
        try perform(
            peer.machine.respond(to: id, answer, date: Self.date, now: now), peer)
    }

    /// Starts a request; gives back the answer of one that is answered at once.
    private mutating func begin(
        _ id: RequestID, _ message: HTTPRequestMessage, _ peer: Peer
    ) throws(Breach) -> HTTPResponseMessage? {
        try require(
            id.ordinal == UInt64(peer.asked) && peer.asked < peer.wholeRequests, .requestsInOrder,
            "connection \(peer.number): request \(id.ordinal) behind \(peer.asked)")
        let request = peer.requests[peer.asked]
        peer.asked += 1
        if request.announcesEnd { peer.heardLast = true }
        try require(
            message.path == request.path && peer.refusals == 0
                && (request.kind == .prediction || request.kind == .probe), .requestsInOrder,
            "\(message.path) in the place of \(request.name)")
        guard request.kind == .prediction else { return answer(.ok, request.name) }
        let numbers = String(decoding: message.body, as: UTF8.self).split(separator: " ")
        try require(
            numbers == ["\(request.name)", "\(request.rows)", "\(request.timeout)"],
            .requestsInOrder, "the body of \(request.name)")
        return admit(
            Job(
                name: request.name, rows: request.rows, key: key, connection: peer.number,
                request: id, deadline: now + request.timeout), peer)
    }

    private mutating func admit(_ job: Job, _ peer: Peer) -> HTTPResponseMessage? {
        let admission = queue.admit(
            job, key: job.key, client: job.connection, rows: job.rows, deadline: job.deadline,
            now: now)
        guard case .admitted(let ticket) = admission else {
            tally.turnedAway += 1
            return answer(HTTPResponse.Status(code: 429), job.name)
        }
        peer.waiting[job.request] = Peer.Waiting(ticket: ticket, name: job.name)
        waiting[job.name] = job
        waitingRows += job.rows
        return nil
    }

    private mutating func refuse(
        _ id: RequestID, _ error: HTTPParseError, _ peer: Peer
    ) throws(Breach) -> HTTPResponseMessage {
        try require(
            id.ordinal == UInt64(peer.asked) && peer.asked < peer.requests.count + 1,
            .requestsInOrder, "connection \(peer.number): refusal \(id.ordinal)")
        let isWhole = peer.asked < peer.wholeRequests
        let isMalformed = isWhole && peer.requests[peer.asked].kind == .malformed
        let isCut = !isWhole || isMalformed
        try require(isCut, .refusedForCause, "\(error)")
        peer.asked += 1
        peer.refusals += 1
        tally.refusals += 1
        return HTTPResponseMessage(
            status: HTTPResponse.Status(code: error.status), body: Array("refused".utf8))
    }

    /// A stranger, of whose body nothing was kept.
    private mutating func turnAway(
        _ id: RequestID, _ head: HTTPRequestMessage, _ peer: Peer
    ) throws(Breach) -> HTTPResponseMessage {
        try require(
            id.ordinal == UInt64(peer.asked) && peer.asked < peer.requests.count, .requestsInOrder,
            "connection \(peer.number): stranger \(id.ordinal)")
        let request = peer.requests[peer.asked]
        try require(
            request.kind == .stranger && head.path == request.path && head.body.isEmpty,
            .refusedForCause, "\(head.path) in the place of \(request.path)")
        peer.asked += 1
        peer.refusals += 1
        tally.strangers += 1
        return HTTPResponseMessage(status: .unauthorized, body: Array("refused".utf8))
    }

    private mutating func forsake(_ peer: Peer) throws(Breach) {
        try require(
            peer.heardEnd && !peer.heardLast, .leftForCause, "connection \(peer.number)")
        try require(
            !peer.waiting.isEmpty, .leftForCause, "connection \(peer.number): nothing waits")
        peer.isForsaken = true
        try dropWork(peer)
    }

    private mutating func close(_ peer: Peer) throws(Breach) {
        peer.isClosing = true
        guard !peer.heardEnd, !peer.heardLast, peer.refusals == 0, drainEnd == nil else { return }
        try require(
            peer.asked == peer.wholeRequests, .oneAnswer,
            "connection \(peer.number) closed on \(peer.wholeRequests - peer.asked) requests")
    }

    /// Only a client that does not read, or goes on sending after its last answer, is cut off.
    private mutating func abort(_ peer: Peer) throws(Breach) {
        tally.aborts += 1
        try require(
            !peer.output.isEmpty || peer.isFinishing, .leftForCause, "connection \(peer.number)")
        peer.hasLeft = true
        try remove(peer)
    }

    /// The client has left: what waits for it leaves the queue.
    mutating func dropWork(_ peer: Peer) throws(Breach) {
        for waiting in peer.waiting.values {
            let job = queue.cancel(waiting.ticket)
            try require(
                job?.name == self.waiting[waiting.name]?.name, .countersAgree,
                "cancelling \(waiting.name) gave \(job?.name ?? 0)")
            tally.cancelled += 1
            forget(waiting.name)
        }
        peer.waiting = [:]
    }

    mutating func forget(_ name: UInt64) {
        if let job = waiting.removeValue(forKey: name) { waitingRows -= job.rows }
    }

    func answer(_ status: HTTPResponse.Status, _ numbers: UInt64...) -> HTTPResponseMessage {
        let text = numbers.map { "\($0)" }.joined(separator: " ")
        return HTTPResponseMessage(status: status, body: Array(text.utf8))
    }
}
