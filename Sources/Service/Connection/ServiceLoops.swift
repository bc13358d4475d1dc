internal import Dispatch
internal import Logging
internal import Sockets
internal import Synchronization

/// One event loop for each thread. The first accepts connections and distributes them; it alone has
/// the admin port.
final class ServiceLoops: Sendable {
    /// More loops than this would only wake each other up: the heads' own work is elsewhere.
    private static let maxLoops = 8

    private let threads: [EventLoopThread]
    /// The service on each loop, once it listens.
    private let services = Mutex<[LoopBound<LoopService>]>([])

    /// Addresses that the loops listen on.
    struct Addresses: Sendable {
        let service: SocketAddress
        let admin: SocketAddress?
    }

    /// A loop for each of the processors that the process may use, up to a few.
    init(processorCount: Int) throws(SocketError) {
        var threads: [EventLoopThread] = []
        for _ in 0..<min(max(processorCount, 1), Self.maxLoops) {
            threads.append(try EventLoopThread())
        }
        self.threads = threads
    }

    /// Binds and accepts.
    func listen(_ shared: SharedService, log: Logger) throws(ServerError) -> Addresses {
        let bodyReading = BodyReadingQueue(shared)
        let others = threads.dropFirst().map { thread in
            Self.run(on: thread) { loop in
                let service = LoopService(shared, bodyReading, loop: loop)
                return (LoopBound(service, to: loop), service.acceptor)
            }
        }
        let options = shared.options
        let outcome = Self.run(on: threads[0]) { loop in
            let service = LoopService(shared, bodyReading, loop: loop)
            typealias Started = (LoopBound<LoopService>, Addresses)
            return Result<Started, ServerError> {
                () throws(ServerError) in
                let address = try Self.naming(.service(options)) { () throws(SocketError) in
                    try service.listeners.listen(
                        host: options.host, port: options.port, others: others.map(\.1)
                    ) {
                        log.debug("TLS handshake failed", metadata: ["reason": "\($0)"])
                    }
                }
                var admin: SocketAddress?
                if let port = options.adminPort {
                    admin = try Self.naming(.admin(options, port: port)) {
                        () throws(SocketError) in
                        try service.listeners.listenForAdmin(host: options.host, port: port)
                    }
                }
                return (LoopBound(service, to: loop), Addresses(service: address, admin: admin))
            }
        }
        let (first, addresses) = try outcome.get()
        services.withLock { $0 = [first] + others.map(\.0) }
        return addresses
    }

    /// Listens, naming the address in an error.
    private static func naming(
        _ address: ListenAddress, _ listen: () throws(SocketError) -> SocketAddress
    ) throws(ServerError) -> SocketAddress {
        do { return try listen() } catch { throw .listen(address, error) }
    }

    /// Closes the listener, lets every connection finish what it has, then calls `completion`.
    ///
    /// The first loop goes first: whatever it has accepted is on its way when the others begin.
    func drain(_ completion: @escaping @Sendable () -> Void) {
        let services = services.withLock { $0 }
        let drains = DispatchGroup()
        for _ in services { drains.enter() }
        guard let first = services.first else { return completion() }
        first.execute { service in
            service.drain { drains.leave() }
            for other in services.dropFirst() {
                other.execute { $0.drain { drains.leave() } }
            }
        }
        drains.notify(queue: DispatchQueue(label: "headserve.drained")) { completion() }
    }

    /// Ends the loops and waits for their threads; the first one, which would accept, goes first.
    func stopAndJoin() {
        for thread in threads { thread.stopAndJoin() }
    }

    /// Runs `body` on a loop's thread and waits for what it gives.
    private static func run<Result: Sendable>(
        on thread: EventLoopThread, _ body: @escaping @Sendable (EventLoop) -> Result
    ) -> Result {
        let result = Mutex<Result?>(nil)
        let done = DispatchSemaphore(value: 0)
        thread.handle.execute { loop in
            let value = body(loop)
            result.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        guard let value = result.withLock({ $0 }) else {
            preconditionFailure("the loop answers before it signals")
        }
        return value
    }
}
