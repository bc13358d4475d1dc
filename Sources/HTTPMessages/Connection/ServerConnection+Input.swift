import HTTPTypes

/// Input: from bytes to dispatched requests, within the limits.
extension ServerConnection {
    /// Whether another request may begin.
    private var mayBegin: Bool {
        takesRequests && (!isDraining || queue.isEmpty)
            && queue.count + unflushedAnswers < limits.maxPipelinedRequests
            && queue.bodyBytes < limits.maxPipelinedBodyBytes
            && unflushedBytes < limits.maxUnflushedBytes
    }

    /// Parses as many requests as may begin. The remaining bytes become the backlog, or are
    /// discarded if no request will begin any more.
    mutating func take(
        _ bytes: Span<UInt8>, now: UInt64, into actions: inout [ConnectionAction]
    ) {
        var offset = 0
        while offset < bytes.count, takesRequests, parser.stage != .idle || mayBegin {
            takeOne(bytes, at: &offset, now: now, into: &actions)
        }
        let rest = bytes.count - offset
        if rest > 0, !takesRequests || isDraining && !queue.isEmpty {
            takesRequests = false
            discard(rest, into: &actions)
        } else if rest > 0 {
            backlog.append(span: bytes.extracting(offset..<bytes.count))
        }
        interimAnswer(into: &actions)
    }

    /// Takes the backlog, as far as the limits now allow.
    mutating func takeBacklog(now: UInt64, into actions: inout [ConnectionAction]) {
        guard stage == .open, !backlog.isEmpty, mayBegin || isDraining || !takesRequests
        else { return }
        let bytes = backlog
        backlog = []
        take(bytes.span, now: now, into: &actions)
        if backlog.isEmpty, peerHasClosed { endInput(into: &actions) }
        closeIfDone(into: &actions)
    }

    /// Takes the bytes up to the end of a request.
    private mutating func takeOne(
        _ bytes: Span<UInt8>, at offset: inout Int, now: UInt64,
        into actions: inout [ConnectionAction]
    ) {
        let stageBefore = parser.stage
        if stageBefore == .idle { requestStart = now }
        let start = offset
        do {
            let message = try parser.parse(bytes, at: &offset)
            noteBody(from: stageBefore, taken: offset - start, now: now)
            if stageBefore != .body, try !takes(message, into: &actions) { return }
            if let message { dispatch(message, into: &actions) }
        } catch {
            reject(error, into: &actions)
        }
    }

    /// Asks for the verdict on a head that is complete now, of a whole request or of one whose body
    /// is to come; false if the request is refused and over.
    private mutating func takes(
        _ message: HTTPRequestMessage?, into actions: inout [ConnectionAction]
    ) throws(HTTPParseError) -> Bool {
        if let message { return try takes(message.head, into: &actions) }
        guard let head = parser.arriving else { return true }
        return try takes(head, into: &actions)
    }

    private mutating func takes(
        _ head: RequestHead, into actions: inout [ConnectionAction]
    ) throws(HTTPParseError) -> Bool {
        excessRefusal = nil
        let verdict = policy(head)
        route = verdict.route
        switch verdict.decision {
        case .take: return true
        case .takeUpTo(let count, let otherwise):
            if let otherwise, parser.awaitsContinue {
                refuse(head, otherwise, into: &actions)
                return false
            }
            excessRefusal = otherwise
            try parser.limitBody(to: count)
            return true
        case .refuse(let error):
            refuse(head, error, into: &actions)
            return false
        }
    }

    /// Updates the deadline of the body.
    private mutating func noteBody(
        from stageBefore: RequestParser.Stage, taken: Int, now: UInt64
    ) {
        guard parser.stage == .body else { return }
        if stageBefore == .body {
            bodyDeadline.moved(taken, now: now)
        } else {
            bodyDeadline = TransferDeadline(
                start: now, patience: limits.bodyTimeout,
                bytesPerSecond: limits.bodyBytesPerSecond)
        }
    }

    private mutating func dispatch(
        _ message: HTTPRequestMessage, into actions: inout [ConnectionAction]
    ) {
        let id = queue.append(
            version: message.head.version, isHead: message.head.method == .head,
            bodyBytes: message.body.count)
        noteEnd(of: message.head)
        actions.append(.dispatch(id, message, route))
    }

    private mutating func noteEnd(of head: RequestHead) {
        hasSentContinue = false
        guard !head.isPersistent else { return }
        takesRequests = false
        clientAskedToClose = true
    }

    /// Refuses a request with the owner's error. Without a body it is over, and the next may begin.
    private mutating func refuse(
        _ head: RequestHead, _ error: any Error, into actions: inout [ConnectionAction]
    ) {
        let id = queue.append(
            version: head.version, isHead: head.method == .head, bodyBytes: 0, isRefused: true)
        if parser.stage == .idle {
            noteEnd(of: head)
        } else {
            takesRequests = false
            clientAskedToClose = false
        }
        actions.append(.refuse(id, head, route, error))
    }

    /// Refuses the request in progress; nothing after it can be parsed.
    mutating func reject(_ error: HTTPParseError, into actions: inout [ConnectionAction]) {
        if case .bodyTooLong = error, let refusal = excessRefusal, let head = parser.arriving {
            return refuse(head, refusal, into: &actions)
        }
        takesRequests = false
        clientAskedToClose = false
        parser.abandon(error)
        let id = queue.append(
            version: .http11, isHead: parser.isHeadRequest, bodyBytes: 0, isRefused: true)
        actions.append(.reject(id, error))
    }

    /// Ends the input, all of which is taken. A client that has not said `close` and ends while
    /// work for it is under way has left, so that work is dropped. Otherwise a truncated request is
    /// refused, and no further one begins.
    mutating func endInput(into actions: inout [ConnectionAction]) {
        if queue.awaitsWork, !clientAskedToClose {
            takesRequests = false
            queue.removeAll()
            actions.append(.cancelPending)
        } else if takesRequests, parser.stage != .idle {
            reject(.truncated, into: &actions)
        }
        takesRequests = false
    }

    /// Sends `100 Continue` if the client waits for it and all earlier answers have left.
    mutating func interimAnswer(into actions: inout [ConnectionAction]) {
        guard takesRequests, parser.awaitsContinue, !hasSentContinue, queue.isEmpty
        else { return }
        hasSentContinue = true
        write(ResponseSerializer.continueBytes, into: &actions)
    }

    /// Counts discarded input. Beyond the limit, a lingering connection is aborted, and one with
    /// answers due stops reading.
    mutating func discard(_ count: Int, into actions: inout [ConnectionAction]) {
        discardedBytes += count
        guard discardedBytes > limits.maxLingerBytes, stage == .lingering else { return }
        stage = .closed
        actions.append(.abort)
    }
}
