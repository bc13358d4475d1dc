/// TLS between a connection's socket and its owner: ciphertext in and plaintext out, and the
/// reverse. It does no I/O and has no clock; the owner moves the bytes.
final class TLSStream {
    /// Ciphertext waiting for the socket at which no more is encrypted and no more received, so
    /// that a peer that reads nothing costs no more memory.
    static let maxOutputBytes = 64 * 1024

    /// The content of received bytes.
    struct Received {
        var plaintext: [UInt8] = []
        /// Whether the peer closed its sending side after it.
        var isEnd = false
    }

    private var session: TLSSession
    private(set) var isEstablished = false
    /// The reason of the session's end; the output may still hold an alert.
    private(set) var failure: TLSError?
    /// Whether the output has data of the owner, not only the protocol's own messages.
    private(set) var carriesData = false
    private var hasShutDown = false
    /// Ciphertext to send and how much of it is sent; the session may hold more.
    private var output: [UInt8] = []
    private var sent = 0

    init(_ context: TLSContext) throws(TLSError) { session = try TLSSession(context) }

    /// Ciphertext not yet sent.
    var outputCount: Int { output.count - sent + session.outputCount }

    var isPeerVerified: Bool { isEstablished && session.isPeerVerified }

    /// Takes ciphertext and returns its plaintext, which is no longer than it and one record.
    /// Without bytes, a client begins its handshake.
    func receive(_ bytes: Span<UInt8>) -> Received {
        var received = Received()
        guard failure == nil else { return received }
        session.receive(bytes)
        if !isEstablished {
            guard isDone(session.handshake()) else { return received }
            isEstablished = true
        }
        while true {
            switch session.read(into: &received.plaintext) {
            case .complete: continue
            case .closed: received.isEnd = true
            case .wantRead, .wantWrite: break
            case .failed(let error): failure = error
            }
            return received
        }
    }

    /// Encrypts bytes from `offset` on and returns how many of them it took; none before the
    /// handshake is over, or when enough output waits.
    func encrypt(_ bytes: [UInt8], from offset: Int) -> Int {
        guard isEstablished, !hasShutDown, failure == nil, outputCount < Self.maxOutputBytes else {
            return 0
        }
        let outcome = session.write(bytes, from: offset)
        guard isDone(outcome), case .complete(let count) = outcome else { return 0 }
        carriesData = true
        return count
    }

    /// Adds close_notify to the output, once.
    func shutDown() {
        guard isEstablished, !hasShutDown, failure == nil else { return }
        hasShutDown = true
        _ = isDone(session.shutDown())
    }

    /// The ciphertext to send, which `advance` drops; nil if there is none.
    var next: (bytes: [UInt8], offset: Int)? {
        if sent == output.count, session.outputCount > 0 {
            output = session.takeOutput()
            sent = 0
        }
        return sent < output.count ? (output, sent) : nil
    }

    /// Drops `count` sent bytes of `next`.
    func advance(_ count: Int) {
        sent += count
        guard sent == output.count else { return }
        output = []
        sent = 0
        if session.outputCount == 0 { carriesData = false }
    }

    private func isDone(_ outcome: TLSSession.Outcome) -> Bool {
        switch outcome {
        case .complete: return true
        case .wantRead, .wantWrite: return false
        case .closed: failure = .session(code: 0)
        case .failed(let error): failure = error
        }
        return false
    }
}
