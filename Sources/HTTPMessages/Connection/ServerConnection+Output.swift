import HTTPTypes

/// Output: answers in order, and the end of the connection after the last one.
extension ServerConnection {
    /// Largest body that is copied behind its head, so that both leave in one piece; a larger one
    /// is handed on without a copy.
    private static let coalescedBodyBytes = 16 * 1024

    /// Whether no request will come after those in the queue.
    private var isLastInput: Bool {
        !takesRequests || (isDraining && parser.stage == .idle && backlog.isEmpty)
    }

    /// Hands out every answer whose turn it is.
    mutating func writeAnswers(date: HTTPDate, into actions: inout [ConnectionAction]) {
        while let (slot, answer) = queue.popAnswered() {
            unflushedAnswers += 1
            let connection: ResponseSerializer.Connection =
                queue.isEmpty && isLastInput
                ? .close : slot.version == .http10 ? .keepAlive : .persistent
            let body = ResponseSerializer.sendsBody(answer, isHead: slot.isHead) ? answer.body : []
            let isCoalesced = body.count <= Self.coalescedBodyBytes
            var bytes: [UInt8] = []
            bytes.reserveCapacity(
                ResponseSerializer.mostOwnBytes + answer.headers.serializedBytes
                    + (isCoalesced ? body.count : 0))
            ResponseSerializer.appendHead(
                of: answer, connection: connection, date: date, to: &bytes)
            if isCoalesced { bytes.append(contentsOf: body) }
            write(bytes, into: &actions)
            if !isCoalesced { write(body, into: &actions) }
        }
        interimAnswer(into: &actions)
        closeIfDone(into: &actions)
    }

    /// Emits bytes and starts the write deadline when none is running.
    mutating func write(_ bytes: [UInt8], into actions: inout [ConnectionAction]) {
        if unflushedBytes == 0 {
            lastWriteProgress = lastActivity
            writeDeadline = TransferDeadline(
                start: lastActivity, patience: limits.writeTimeout,
                bytesPerSecond: limits.writeBytesPerSecond)
        }
        unflushedBytes += bytes.count
        actions.append(.write(bytes))
    }

    /// Ends the connection when every answer is handed out and no request will come.
    ///
    /// The peer that asked for the end, or has closed already, sends nothing more: the socket is
    /// closed after the flush. Any other may be sending, and a close would destroy the answer on
    /// its way (RFC 9112 §9.6): only the sending side is closed, and input discarded.
    mutating func closeIfDone(into actions: inout [ConnectionAction]) {
        guard stage == .open, queue.isEmpty, isLastInput else { return }
        takesRequests = false
        let clientIsSilent = clientAskedToClose && discardedBytes == 0
        let nothingIsUnderWay = isDraining && unflushedBytes == 0
        if clientIsSilent || peerHasClosed || nothingIsUnderWay {
            close(into: &actions)
        } else {
            stage = .lingering
            actions.append(.finishWriting)
        }
    }

    mutating func close(into actions: inout [ConnectionAction]) {
        stage = .closing
        actions.append(.close)
    }
}
