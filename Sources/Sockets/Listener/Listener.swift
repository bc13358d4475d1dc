import CLinux
internal import Clocks
import Glibc

/// A listening TCP socket of a loop. Confined to the loop's thread.
package final class Listener {
    /// Called with each connection, under TLS after its handshake; returns its delegate.
    package typealias Accept = (StreamConnection) -> any StreamConnectionDelegate

    /// The address that it listens on, with the actual port.
    package let address: SocketAddress
    /// Open connections, on all loops.
    package var connectionCount: Int { seats.count }
    /// Pauses of accepting because the system had no descriptors or memory left.
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

    /// Binds and listens. `host` is an address or a name that resolves; `::` accepts IPv4 as well,
    /// and means 0.0.0.0 if IPv6 is off. Port 0 lets the kernel choose. Connections are spread
    /// evenly over this loop and the `others`; all limits apply to their sum.
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

    /// Accepts the connections in the backlog, then stops listening: the kernel resets those that
    /// are left, which are only those beyond the limit of connections.
    package func finish() {
        accept(atMost: Int(options.backlog) + 1)
        close()
    }

    /// Stops listening. Accepted connections stay open.
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
        descriptor != nil && !isExhausted && connectionCount < options.maxConnections
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

    /// Makes a connection of a socket, on the loop with the fewest connections; drops one that its
    /// peer has reset meanwhile.
    private func serve(_ socket: consuming FileDescriptor) {
        do throws(SocketError) {
            let peer = PeerNetwork(address: try SocketAddress(peerOf: socket).addressBytes)
            try socket.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            if let bytes = options.sendBufferBytes {
                try socket.setOption(SOL_SOCKET, SO_SNDBUF, bytes)
            }
            guard let seat = seats.take(for: peer, limit: options.maxConnectionsPerPeer) else {
                options.onPeerRefused?()
                return
            }
            guard seat.loop > 0 else { return open(socket, seat) }
            handOff(socket, seat, to: others[seat.loop - 1])
        } catch {
            if AcceptFailure(error) == .exhaustion { pause() }
        }
    }

    /// Frees the seat of a connection that is closed, or that could not be made because of `error`.
    func release(_ seat: Seat, after error: SocketError? = nil) {
        seats.release(seat)
        if let error, AcceptFailure(error) == .exhaustion { pause() }
        updateInterest()
    }

    /// Waits for descriptors or memory instead of asking for them again and again. A closed
    /// listener has nothing to wait for and no timer: its place may be another source's.
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
            // Unchanged interest costs no more than wake-ups until the timer tries again.
            isWatching.toggle()
            pause()
        }
    }
}
