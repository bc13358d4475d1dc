import Glibc

/// One TCP connection of a loop. Confined to the loop's thread; no call blocks, and none but
/// `receiveNow` calls the delegate back: effects are carried out at the end of the loop's turn.
package final class StreamConnection {
    /// Reads of one turn: a busy connection must not keep the others waiting.
    private static let readsPerTurn = 4
    /// Bytes sent in one turn, for the same reason; the rest follows in the next ones.
    static let sentBytesPerTurn = 1024 * 1024

    package let loop: EventLoop
    package let id: ConnectionID

    var descriptor: FileDescriptor?
    /// Encrypts and decrypts; nil in clear text.
    let tls: TLSStream?
    /// Told, in place of the delegate, when the handshake is over; nil then, and in clear text.
    var onEstablished: (() -> Void)?
    /// Nanoseconds the handshake may take.
    var handshakeTimeout: UInt64 = 0
    /// Who is told what happens; nil once the connection is closed.
    package internal(set) var delegate: (any StreamConnectionDelegate)?
    var onClosed: ((CloseReason) -> Void)?
    var queue = WriteQueue()
    /// What epoll watches for now.
    var interest: EpollEvents = [.readable, .peerFinished]
    var isReadingPaused = false
    var peerHasClosed = false
    /// Whether `connectionPeerHungUp` was told.
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

    /// Bytes given to `write` that the kernel has not taken. The caller bounds it.
    package var pendingBytes: Int { queue.count + (tls?.outputCount ?? 0) }

    package var isClosed: Bool { descriptor == nil }

    /// Queues bytes; they leave in order, from the end of this turn on. Ignored once the
    /// connection is closing, finishing or closed. Arrays over 64 KiB are not copied.
    package func write(_ bytes: [UInt8]) {
        guard !isClosed, !isClosing, !isFinishing, !isAborting else { return }
        queue.append(bytes)
        flushLater()
    }

    /// Stops receiving, so that the peer's own socket holds it back.
    package func pauseReading() {
        isReadingPaused = true
        flushLater()
    }

    package func resumeReading() {
        isReadingPaused = false
        flushLater()
    }

    /// Reads at once what the kernel has, not when the loop hears of it. The one call that calls the
    /// delegate: not for the delegate's own calls.
    package func receiveNow() { ready(.readable) }

    /// Sets the one-shot timer (monotonic nanoseconds), in place of any time set before.
    package func setTimer(at time: UInt64) {
        if !isClosed { loop.setTimer(id.source, at: time) }
    }

    package func cancelTimer() { loop.cancelTimer(id.source) }

    /// Closes the sending side once everything queued is sent; receiving goes on.
    package func finishWriting() {
        isFinishing = true
        flushLater()
    }

    /// Closes the connection once everything queued is sent; nothing is received any more. The
    /// timer stays: a peer that does not read is the caller's to abort.
    package func close() {
        isClosing = true
        flushLater()
    }

    /// Closes the connection at the end of this turn and drops what is queued; the peer gets a reset
    /// where there was any.
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

    /// Whether the kernel has all of the owner's bytes. A last message of TLS that finds no room is
    /// not waited for: the peer that leaves none is not reading.
    var isEverythingSent: Bool { queue.count == 0 && !(tls?.carriesData ?? false) }

    /// An answer that is cut is of no use, whatever of it the kernel still holds; one that is whole
    /// is the peer's to read.
    private func dropOutput() throws(SocketError) {
        if pendingBytes > 0 { try descriptor?.resetOnClose() }
        tearDown(.aborted)
    }

    /// Ends the connection and tells so.
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

    /// Reads what is there, up to a turn's share, and hands it on.
    func readAvailable() throws(SocketError) {
        for _ in 0..<Self.readsPerTurn where wantsInput {
            let isMore = try readOnce()
            if !isMore { return }
        }
    }

    /// Whether bytes may be handed to the delegate.
    var wantsInput: Bool {
        guard !isClosed, !isReadingPaused, !peerHasClosed, !isClosing, !isAborting else {
            return false
        }
        guard let tls else { return true }
        return tls.failure == nil && tls.outputCount < TLSStream.outputBytes
    }

    /// The peer will send nothing more.
    func peerEnded() {
        peerHasClosed = true
        delegate?.connectionPeerClosed(self)
    }

    /// One read; true when it filled the buffer, so that more is likely there.
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
