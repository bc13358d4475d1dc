internal import Clocks

/// Connections under TLS.
///
/// The owner learns of a connection once its handshake is over. The peer's input ends with
/// close_notify, but also with the stream: the protocol on top must mark the ends of its messages
/// itself, or a truncation would go unnoticed.
extension StreamConnection {
    /// Whether the peer presented a certificate that leads to a trusted one; false without TLS.
    package var isPeerVerified: Bool { tls?.isPeerVerified ?? false }

    /// Waits for the handshake, at most `timeout` nanoseconds, then calls `onEstablished`.
    func beginHandshake(timeout: UInt64, onEstablished: @escaping () -> Void) {
        handshakeTimeout = timeout
        self.onEstablished = onEstablished
        loop.setTimer(id.source, at: loop.now.addingClamped(timeout))
    }

    /// Whether the handshake is under way, and the owner does not know of the connection yet.
    var isHandshaking: Bool { onEstablished != nil }

    /// Decrypts received bytes and delivers the plaintext, all of it even if the owner pauses
    /// reading meanwhile: it is no more than a read and a record.
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

    /// Sends queued bytes, encrypting a little at a time so that a large answer is not held twice;
    /// then close_notify, if the owner is done.
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
