import Glibc

extension StreamConnection: FlushableSource {
    func ready(_ events: EpollEvents) {
        do {
            if wantsInput {
                try readAvailable()
            } else if events.contains(.peerFinished), !peerHasClosed, !peerHasHungUp {
                peerHasHungUp = true
                delegate?.connectionPeerHungUp(self)
            }
            // Reading would have found the end or the error. If nothing is read, these mean that
            // the socket is of no use any more; ignored, they would be reported for ever.
            if !isClosed, !wantsInput, !events.isDisjoint(with: [.failed, .hungUp]) {
                return try tearDownUnusable()
            }
            if !events.isDisjoint(with: [.writable, .peerFinished]) || peerHasClosed {
                flushLater()
            }
        } catch {
            tearDown(.failed(error))
        }
    }

    func timerFired(now: UInt64) {
        guard !isHandshaking else {
            return tearDown(.failed(.tls(.handshakeTimeout(nanoseconds: handshakeTimeout))))
        }
        delegate?.connection(self, timerFiredAt: now)
    }

    func shutDown() { tearDown(.loopStopped) }

    /// Closes a connection whose socket has failed or been closed by both sides.
    private func tearDownUnusable() throws(SocketError) {
        guard let code = try descriptor?.takeError() else { return }
        if code != 0 {
            tearDown(.failed(.system(call: "socket", errno: code)))
        } else if isEverythingSent {
            tearDown(.finished)
        } else {
            tearDown(.failed(.closedByPeer))
        }
    }

    /// Sends until the queue is empty or the kernel takes no more bytes, and reports progress.
    func sendQueued() throws(SocketError) {
        let before = queue.count
        while before - queue.count < Self.sentBytesPerTurn, let (segment, offset) = queue.next {
            guard case .done(let sent)? = try descriptor?.send(segment, from: offset) else { break }
            queue.advance(sent)
        }
        if queue.count < before {
            delegate?.connection(self, wroteLeaving: queue.count)
        }
    }

    func shutDownSending() throws(SocketError) {
        guard let raw = descriptor?.raw else { return }
        hasFinished = true
        _ = try SystemCall.retry32("shutdown") { shutdown(raw, Int32(SHUT_WR)) }
    }

    /// Watches for the events that matter now: input, unless paused, ended or closing; room to
    /// write while bytes wait; the peer's end until it is known.
    func updateInterest() throws(SocketError) {
        guard let raw = descriptor?.raw else { return }
        var wanted: EpollEvents = []
        if wantsInput { wanted.insert(.readable) }
        if !peerHasClosed, !peerHasHungUp || wantsInput { wanted.insert(.peerFinished) }
        if pendingBytes > 0 { wanted.insert(.writable) }
        guard wanted != interest else { return }
        try loop.watch(raw, as: id.source, for: wanted)
        interest = wanted
    }
}
