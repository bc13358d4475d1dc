import Glibc

/// A TCP connection of a loop. Confined to the loop's thread. No call blocks, and none but
/// `receiveNow` calls the delegate: effects are carried out at the end of the loop's turn.
package final class StreamConnection {
    /// Reads per turn: a busy connection must not keep the others waiting.
    private static let readsPerTurn = 4
    /// Bytes sent per turn, for the same reason; the rest follows in later turns.
    static let sentBytesPerTurn = 1024 * 1024

    package let loop: EventLoop
    package let id: ConnectionID

    var descriptor: FileDescriptor?
    /// The TLS session; nil in clear text.
    let tls: TLSStream?
    /// Called at the end of the handshake, before there is a delegate; nil from then on, and in
    /// clear text.
    var onEstablished: (() -> Void)?
    /// Nanoseconds that the handshake may take.
    var handshakeTimeout: UInt64 = 0
    /// The receiver of notices; nil once the connection is closed.
    package internal(set) var delegate: (any StreamConnectionDelegate)?
    var onClosed: ((CloseReason) -> Void)?
    var queue = WriteQueue()
    /// The events that epoll watches for.
    var interest: EpollEvents = [.readable, .peerFinished]
    var isReadingPaused = false
    var peerHasClosed = false
    /// Whether `connectionPeerHungUp` was called.
    var peerHasHungUp = false
    var isClosing = false
    var isFinishing = false
    /// Whether the sending side is shut down.
    var hasFinished = false
    var isAborting = false
    private var isFlushDue = false

    /// Takes over a connected, non-blocking socket and watches it.
    init(
        loop: EventLoop, owning descriptor: consuming FileDescriptor, tls: TLSStream? = nil
    ) throws(SocketError) {
        self.loop = loop
        self.tls = tls
        let source = loop.reserveSource()
        id = ConnectionID(source: source, loop: ObjectIdentifier(loop))
        let raw = descriptor.raw
        self.descriptor = consume descriptor
        do { try loop.add(self, as: source, descriptor: raw, events: interest) } catch {
            loop.remove(source)
            throw error
        }
    }

    /// Bytes written that the kernel has not taken. Bounded by the caller.
    package var pendingBytes: Int { queue.count + (tls?.outputCount ?? 0) }

    package var isClosed: Bool { descriptor == nil }

    /// Queues bytes, which leave in order from the end of this turn on. Ignored once the connection
    /// is closing, finishing or closed. Arrays over 64 KiB are not copied.
    package func write(_ bytes: [UInt8]) {
        guard !isClosed, !isClosing, !isFinishing, !isAborting else { return }
        queue.append(bytes)
        flushLater()
    }

    /// Stops receiving, so that the peer is slowed down by its own socket.
    package func pauseReading() {
        isReadingPaused = true
        flushLater()
    }

    package func resumeReading() {
        isReadingPaused = false
        flushLater()
    }

    /// Reads now the bytes that the kernel has, before the loop is notified of them. The only call
    /// that calls the delegate, and so not to be made within the delegate's own.
    package func receiveNow() { ready(.readable) }

    /// Sets the one-shot timer (monotonic nanoseconds), replacing any set before.
    package func setTimer(at time: UInt64) {
        if !isClosed { loop.setTimer(id.source, at: time) }
    }

    package func cancelTimer() { loop.cancelTimer(id.source) }

    /// Closes the sending side once everything queued is sent; receiving continues.
    package func finishWriting() {
        isFinishing = true
        flushLater()
    }

    /// Closes the connection once everything queued is sent; nothing more is received. The timer
    /// stays set: it is up to the caller to abort for a peer that does not read.
    package func close() {
        isClosing = true
        flushLater()
    }

    /// Closes the connection at the end of this turn and drops queued bytes; if there were any, the
    /// peer gets a reset.
    package func abort() {
        isAborting = true
        flushLater()
    }

    func flushLater() {
        guard !isClosed, !isFlushDue else { return }
        isFlushDue = true
        loop.flushLater(self)
    }

    /// Carries out what was asked for during the turn.
    func flush() {
        isFlushDue = false
        guard !isClosed else { return }
        do {
            if isAborting { return try dropOutput() }
            if let tls {
                try sendEncrypted(through: tls)
                if let failure = tls.failure { return tearDown(.failed(.tls(failure))) }
            } else {
                try sendQueued()
            }
            if isClosing, isEverythingSent { return tearDown(.finished) }
            if isFinishing, !hasFinished, pendingBytes == 0 { try shutDownSending() }
            try updateInterest()
        } catch {
            tearDown(.failed(error))
        }
    }

    /// Whether the kernel has all of the owner's bytes. A last TLS message that finds no room is
    /// not waited for: a peer that leaves no room is not reading.
    var isEverythingSent: Bool { queue.count == 0 && !(tls?.carriesData ?? false) }

    /// Aborts the connection. If an answer is cut off, the part of it in the kernel is of no use
    /// and dropped too; a whole one is left for the peer to read.
    private func dropOutput() throws(SocketError) {
        if pendingBytes > 0 { try descriptor?.resetOnClose() }
        tearDown(.aborted)
    }

    /// Closes the connection and reports it.
    func tearDown(_ reason: CloseReason) {
        guard !isClosed else { return }
        loop.remove(id.source)
        descriptor = nil
        queue.removeAll()
        let delegate = self.delegate
        self.delegate = nil
        delegate?.connection(self, closed: reason)
        onClosed?(reason)
        onClosed = nil
        onEstablished = nil
    }

    /// Reads the bytes that have arrived, up to a turn's share, and delivers them.
    func readAvailable() throws(SocketError) {
        for _ in 0..<Self.readsPerTurn where wantsInput {
            let isMore = try readOnce()
            if !isMore { return }
        }
    }

    /// Whether bytes may be delivered to the delegate.
    var wantsInput: Bool {
        guard !isClosed, !isReadingPaused, !peerHasClosed, !isClosing, !isAborting else {
            return false
        }
        guard let tls else { return true }
        return tls.failure == nil && tls.outputCount < TLSStream.maxOutputBytes
    }

    /// Notes that the peer will send nothing more.
    func peerEnded() {
        peerHasClosed = true
        delegate?.connectionPeerClosed(self)
    }

    /// Reads once; true if that filled the buffer, so that there are probably more bytes.
    private func readOnce() throws(SocketError) -> Bool {
        let result = loop.withReadBuffer { buffer -> Result<Bool, SocketError> in
            do throws(SocketError) {
                guard case .done(let count)? = try descriptor?.receive(into: &buffer)
                else { return .success(false) }
                if count == 0 {
                    guard !isHandshaking else { return .failure(.closedByPeer) }
                    peerEnded()
                } else if let tls {
                    receiveEncrypted(buffer.span.extracting(0..<count), through: tls)
                } else {
                    delegate?.connection(self, received: buffer.span.extracting(0..<count))
                }
                return .success(count == buffer.count)
            } catch { return .failure(error) }
        }
        return try result.get()
    }
}
