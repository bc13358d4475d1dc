import CLinux
internal import Clocks
import Glibc

/// A listening TCP socket of a loop. Confined to the loop's thread.
package final class Listener {
    /// The bounds of a listener.
    package struct Options: Sendable {
        /// Connections the kernel keeps ready to be accepted.
        package var backlog: Int32 = 1024
        /// Open connections; at this many, further ones wait in the backlog until one closes.
        package var connectionLimit = 10_000
        /// Open connections from one IPv4 address or IPv6 /64 network; further ones are closed at
        /// once. Generous, since all clients behind a proxy have its address.
        package var connectionLimitPerPeer = 2_500
        /// Nanoseconds without accepting after the system ran out of descriptors or memory.
        package var exhaustionPause: UInt64 = 100_000_000
        /// Accepts of one turn, so that a flood does not keep connections waiting.
        package var acceptsPerTurn = 64
        /// Size of the kernel's send buffer; nil leaves it to the kernel.
        package var sendBufferBytes: Int32?
        /// Nanoseconds that bytes may wait in the kernel's buffer for a peer that takes none of
        /// them; then the connection fails. What the kernel has taken is beyond the owner's clock,
        /// and that is megabytes.
        package var stallTimeout: UInt64 = 30_000_000_000
        /// Speaks TLS with what the box holds when a connection comes; nil is clear text.
        package var tls: TLSContextBox?
        /// Nanoseconds from a connection's coming to the end of its handshake.
        package var handshakeTimeout: UInt64 = 10_000_000_000
        /// Told of each connection that is closed because its peer has too many.
        package var onPeerRefused: (@Sendable () -> Void)?
        /// Told of each connection that is lost before its handshake is over.
        package var onHandshakeFailure: (@Sendable (SocketError) -> Void)?

        package init() {}
    }

    /// Is given each connection, with TLS after its handshake, and answers with its delegate.
    package typealias Accept = (StreamConnection) -> any StreamConnectionDelegate

    /// Where it listens; the port is the actual one.
    package let address: SocketAddress
    /// Connections open now, on all loops.
    package var connectionCount: Int { seats.count }
    /// How often accepting was paused because the system had no descriptors or memory left.
    package private(set) var exhaustionCount = 0

    private let loop: EventLoop
    private let options: Options
    private let id: SourceID
    private var descriptor: FileDescriptor?
    private var accept: Accept?
    private let others: [LoopBound<Acceptor>]
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
        let descriptor = try Self.bind(host: host, port: port, options)
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

    private static func bind(
        host: String, port: Int, _ options: Options
    ) throws(SocketError) -> FileDescriptor {
        do {
            let address = try SocketAddress.resolve(host: host, port: port)[0]
            return try bind(address, options)
        } catch {
            guard host == "::", isWithoutIPv6(error) else { throw error }
            return try bind(SocketAddress.resolve(host: "0.0.0.0", port: port)[0], options)
        }
    }

    private static func bind(
        _ address: SocketAddress, _ options: Options
    ) throws(SocketError) -> FileDescriptor {
        let descriptor = try FileDescriptor.tcpSocket(family: address.family)
        try descriptor.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
        if address.family == AF_INET6 {
            try descriptor.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        }
        // Sockets that are accepted inherit it.
        try descriptor.setOption(
            Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: options.stallTimeout / 1_000_000))
        let raw = descriptor.raw
        _ = try SystemCall.retry32("bind") {
            unsafe address.withPointer { unsafe Glibc.bind(raw, $0, $1) }
        }
        _ = try SystemCall.retry32("listen") { listen(raw, options.backlog) }
        return descriptor
    }

    /// Whether an error means that the machine has no IPv6.
    static func isWithoutIPv6(_ error: SocketError) -> Bool {
        switch error {
        case .system(_, EAFNOSUPPORT), .system(_, EADDRNOTAVAIL), .unresolvedHost: true
        default: false
        }
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

    /// Makes the connection on the listener's own loop.
    private func open(_ socket: consuming FileDescriptor, _ seat: Seat) {
        let opening = Opening(options)
        do throws(SocketError) {
            try opening.open(
                socket, on: loop, release: { self.release(seat) },
                accept: { self.accept?($0) })
        } catch {
            release(seat)
            if AcceptFailure(error) == .exhaustion { pause() }
        }
    }

    /// Makes the connection on another loop, which tells when it is closed.
    private func handOff(
        _ socket: consuming FileDescriptor, _ seat: Seat, to other: LoopBound<Acceptor>
    ) {
        let opening = Opening(options)
        let home = LoopBound(self, to: loop)
        let raw = socket.release()
        let isTaken = other.execute { acceptor in
            do throws(SocketError) {
                try opening.open(
                    FileDescriptor(owning: raw), on: acceptor.loop,
                    release: { home.execute { $0.release(seat) } }, accept: acceptor.accept)
            } catch {
                home.execute { $0.release(seat, after: error) }
            }
        }
        guard !isTaken else { return }
        _ = FileDescriptor(owning: raw)
        release(seat)
    }

    /// A connection is closed, or could not be made for want of something.
    func release(_ seat: Seat, after error: SocketError? = nil) {
        seats.release(seat)
        if let error, AcceptFailure(error) == .exhaustion { pause() }
        updateInterest()
    }

    /// Waits for descriptors or memory instead of asking for them again and again. A listener that
    /// is closed has nothing to wait for, and no timer: its name may be another source's place.
    private func pause() {
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
