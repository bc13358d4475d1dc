internal import Clocks

/// What a connection does otherwise when it speaks TLS.
///
/// The owner learns of a connection once its handshake is over. The peer's close_notify is the end
/// of its input, as is an end of the stream without one: what runs over a connection must tell by
/// itself where its messages end, or a cut would go unnoticed.
extension StreamConnection {
    /// Whether the peer showed a certificate that leads to a trusted one; false without TLS.
    package var isPeerVerified: Bool { tls?.isPeerVerified ?? false }

    /// Waits for the handshake, at most `timeout` nanoseconds, and calls `onEstablished` after it.
    func beginHandshake(timeout: UInt64, onEstablished: @escaping () -> Void) {
        handshakeTimeout = timeout
        self.onEstablished = onEstablished
        loop.setTimer(id.source, at: loop.now.addingClamped(timeout))
    }

    /// Whether the owner is not yet told of the connection.
    var isHandshaking: Bool { onEstablished != nil }

    /// Hands on the plaintext of what was read. Nothing of it is kept back when the owner pauses
    /// reading half-way: it is no more than one read brings, and a record.
    func receiveEncrypted(_ bytes: Span<UInt8>, through tls: TLSStream) {
        let received = tls.receive(bytes)
        if tls.outputCount > 0 || tls.failure != nil { flushLater() }
        if tls.isEstablished, let onEstablished {
            self.onEstablished = nil
            loop.cancelTimer(id.source)
            onEstablished()
        }
        guard !isClosing, !isAborting, !isClosed else { return }
        if !received.plaintext.isEmpty {
            delegate?.connection(self, received: received.plaintext.span)
        }
        if received.isEnd { peerEnded() }
    }

    /// Sends what is queued, encrypted a little at a time, so that a large answer is not held
    /// twice; then, where the owner wants no more, close_notify.
    func sendEncrypted(through tls: TLSStream) throws(SocketError) {
        let wasCarryingData = queue.count > 0 || tls.carriesData
        var sent = 0
        repeat {
            encryptQueued(through: tls)
            sent += try sendOutput(of: tls)
        } while queue.count > 0 && tls.outputCount == 0 && tls.failure == nil
            && sent < Self.sentBytesPerTurn
        if wasCarryingData, sent > 0 {
            delegate?.connection(self, wroteLeaving: pendingBytes)
        }
    }

    private func encryptQueued(through tls: TLSStream) {
        while let (segment, offset) = queue.next {
            let taken = tls.encrypt(segment, from: offset)
            guard taken > 0 else { return }
            queue.advance(taken)
        }
        if isClosing || isFinishing { tls.shutDown() }
    }

    private func sendOutput(of tls: TLSStream) throws(SocketError) -> Int {
        var total = 0
        while let (bytes, offset) = tls.next {
            guard case .done(let sent)? = try descriptor?.send(bytes, from: offset) else { break }
            tls.advance(sent)
            total += sent
        }
        return total
    }
}
