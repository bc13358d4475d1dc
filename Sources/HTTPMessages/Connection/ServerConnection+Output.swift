import HTTPTypes

/// Output: answers in order, and the end of the connection after the last one.
extension ServerConnection {
    /// Size up to which a body is copied behind its head, so that both leave in one piece; a larger
    /// one is emitted without a copy.
    private static let maxCoalescedBodyBytes = 16 * 1024

    /// Whether no request will follow those in the queue, now that one of them is answered.
    private var isLastInput: Bool {
        !takesRequests || (isDraining && parser.stage == .idle && backlog.isEmpty)
    }

    /// Emits every answer whose turn it is.
    mutating func writeAnswers(date: HTTPDate, into actions: inout [ConnectionAction]) {
        while let (slot, answer) = queue.popAnswered() {
            unflushedAnswers += 1
            let connection: ResponseSerializer.Connection =
                queue.isEmpty && isLastInput
                ? .close : slot.version == .http10 ? .keepAlive : .persistent
            let body = ResponseSerializer.sendsBody(answer, isHead: slot.isHead) ? answer.body : []
            let isCoalesced = body.count <= Self.maxCoalescedBodyBytes
            if connection == .close { takesRequests = false }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(
                ResponseSerializer.typicalOverhead + answer.headers.serializedBytes
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

    /// Emits bytes, and starts the write deadline if none is running.
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

    /// Ends the connection if every answer is emitted and no request will follow.
    ///
    /// A peer that asked for the end, or has closed already, sends nothing more, so the socket is
    /// closed after the flush. Any other may still be sending, and a close would destroy the answer
    /// on its way (RFC 9112 §9.6): only the sending side is closed, and input is discarded.
    mutating func closeIfDone(into actions: inout [ConnectionAction]) {
        guard stage == .open, queue.isEmpty, !takesRequests else { return }
        let clientIsSilent = clientAskedToClose && discardedBytes == 0
        if clientIsSilent || peerHasClosed {
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
