import CLinux
internal import Clocks
import Glibc

/// A listening TCP socket of a loop. Confined to the loop's thread.
package final class Listener {
    /// Is given each connection, with TLS after its handshake, and answers with its delegate.
    package typealias Accept = (StreamConnection) -> any StreamConnectionDelegate

    /// Where it listens; the port is the actual one.
    package let address: SocketAddress
    /// Connections open now, on all loops.
    package var connectionCount: Int { seats.count }
    /// How often accepting was paused because the system had no descriptors or memory left.
    package private(set) var exhaustionCount = 0

    let loop: EventLoop
    let options: Options
    private let id: SourceID
    private var descriptor: FileDescriptor?
    private(set) var accept: Accept?
    let others: [LoopBound<Acceptor>]
    private var seats: ConnectionSeats
    private var isExhausted = false
    private var isWatching = true

    /// Binds and listens. `host` is an address or a name that resolves; `::` takes IPv4 as well,
    /// and means 0.0.0.0 where IPv6 is off. Port 0 lets the kernel choose. Connections are spread
    /// evenly over this loop and the `others`; all limits are those of their sum.
    package init(
        loop: EventLoop, host: String, port: Int, options: Options = Options(),
        others: [LoopBound<Acceptor>] = [], accept: @escaping Accept
    ) throws(SocketError) {
        let descriptor = try Binding.listen(
            host: host, port: port, backlog: options.backlog, stallTimeout: options.stallTimeout)
        self.loop = loop
        self.options = options
        self.accept = accept
        self.others = others
        seats = ConnectionSeats(loopCount: others.count + 1)
        address = try SocketAddress(boundTo: descriptor)
        id = loop.reserveSource()
        let raw = descriptor.raw
        self.descriptor = consume descriptor
        do { try loop.add(self, as: id, descriptor: raw, events: .readable) } catch {
            loop.remove(id)
            throw error
        }
    }

    /// Accepts what has come to the backlog, then stops listening: the kernel would reset what it
    /// still has. Beyond the limit of connections it does.
    package func finish() {
        accept(atMost: Int(options.backlog) + 1)
        close()
    }

    /// Stops listening. Connections that were accepted live on.
    package func close() {
        guard descriptor != nil else { return }
        loop.remove(id)
        descriptor = nil
        accept = nil
    }
}

// MARK: - Accepting

extension Listener: EventSource {
    func ready(_ events: EpollEvents) {
        accept(atMost: options.acceptsPerTurn)
        updateInterest()
    }

    func timerFired(now: UInt64) {
        isExhausted = false
        updateInterest()
    }

    func shutDown() { close() }

    private var mayAccept: Bool {
        descriptor != nil && !isExhausted && connectionCount < options.connectionLimit
    }

    private func accept(atMost count: Int) {
        for _ in 0..<count where mayAccept {
            do throws(SocketError) {
                guard let accepted = try acceptOne() else { break }
                serve(FileDescriptor(owning: accepted))
            } catch {
                if AcceptFailure(error) == .exhaustion { pause() }
            }
        }
    }

    private func acceptOne() throws(SocketError) -> Int32? {
        guard let raw = descriptor?.raw else { return nil }
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let outcome = try SystemCall.attempt("accept4") {
            Int(accept4(raw, nil, nil, flags))
        }
        guard case .done(let accepted) = outcome else { return nil }
        return Int32(accepted)
    }

    /// Makes a connection of a socket, on the loop that has the fewest; one that its peer has reset
    /// meanwhile is dropped.
    private func serve(_ socket: consuming FileDescriptor) {
        do throws(SocketError) {
            let peer = PeerNetwork(address: try SocketAddress(peerOf: socket).addressBytes)
            try socket.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            if let bytes = options.sendBufferBytes {
                try socket.setOption(SOL_SOCKET, SO_SNDBUF, bytes)
            }
            guard let seat = seats.take(for: peer, limit: options.connectionLimitPerPeer) else {
                options.onPeerRefused?()
                return
            }
            guard seat.loop > 0 else { return open(socket, seat) }
            handOff(socket, seat, to: others[seat.loop - 1])
        } catch {
            if AcceptFailure(error) == .exhaustion { pause() }
        }
    }

    /// A connection is closed, or could not be made for want of something.
    func release(_ seat: Seat, after error: SocketError? = nil) {
        seats.release(seat)
        if let error, AcceptFailure(error) == .exhaustion { pause() }
        updateInterest()
    }

    /// Waits for descriptors or memory instead of asking for them again and again. A listener that
    /// is closed has nothing to wait for, and no timer: its name may be another source's place.
    func pause() {
        guard descriptor != nil else { return }
        isExhausted = true
        exhaustionCount += 1
        loop.setTimer(id, at: loop.now.addingClamped(options.exhaustionPause))
    }

    private func updateInterest() {
        guard let raw = descriptor?.raw, mayAccept != isWatching else { return }
        isWatching = mayAccept
        do { try loop.watch(raw, as: id, for: isWatching ? .readable : []) } catch {
            // Unchanged interest costs wake-ups until the timer tries again, nothing else.
            isWatching.toggle()
            pause()
        }
    }
}
