import Synchronization

@testable import HTTPMessages
@testable import Service
@testable import Sockets

/// Seconds as the sockets count them.
let patience = UInt64(patienceSeconds) * 1_000_000_000

/// The connections of one event loop as the service has them, with a listener for clients and one
/// for probes, on loopback.
final class TestLoop: Sendable {
    let thread: EventLoopThread
    let shared: SharedService
    let table: LoopBound<ConnectionTable>
    /// Names of the connections of clients, in order.
    private let accepted = Names()
    private let port: Int
    private let adminPort: Int
    /// They live as long as the loop's test.
    private let listeners: LoopBound<[Listener]>

    private final class Names: Sendable {
        let list = Mutex<[ConnectionID]>([])
    }

    private struct Started: Sendable {
        let table: LoopBound<ConnectionTable>
        let listeners: LoopBound<[Listener]>
        let ports: [Int]
    }

    init(_ shared: SharedService) throws {
        self.shared = shared
        thread = try EventLoopThread()
        let accepted = accepted
        let started = try thread.handle.result { loop in
            let replies = LoopReplies(loop)
            let desk = RequestDesk(
                EndpointSources(shared, atTurnEnd: loop.atTurnEnd), RequestPipeline(shared),
                BodyReadingQueue(shared))
            let table = ConnectionTable(ConnectionServices(shared, desk: desk, replies: replies))
            replies.connect(to: table)
            let clients = LoopListeners(shared, table, loop: loop)
            let listeners = [
                try Listener(loop: loop, host: "127.0.0.1", port: 0) {
                    let name = $0.id
                    accepted.list.withLock { $0.append(name) }
                    return clients.acceptClient($0)
                },
                try Listener(loop: loop, host: "127.0.0.1", port: 0) {
                    table.accept($0, from: .admin)
                },
            ]
            return Started(
                table: LoopBound(table, to: loop), listeners: LoopBound(listeners, to: loop),
                ports: listeners.map(\.address.port))
        }
        (table, listeners) = (started.table, started.listeners)
        (port, adminPort) = (started.ports[0], started.ports[1])
    }

    func connect() throws -> ClientSocket {
        try ClientSocket(host: "127.0.0.1", port: port, timeout: patience)
    }

    func connectToAdmin() throws -> ClientSocket {
        try ClientSocket(host: "127.0.0.1", port: adminPort, timeout: patience)
    }

    /// Waits until the loop has done all that it was asked for.
    func settle() throws {
        try thread.handle.result { _ in }
        try thread.handle.result { _ in }
    }

    func onTable<Result: Sendable>(
        _ body: @escaping @Sendable (ConnectionTable) -> Result
    ) throws -> Result {
        let table = table
        return try thread.handle.result { _ in table.withValue(body) }
    }

    /// The name of the client's connection that was accepted last.
    var latestConnection: ConnectionID? { accepted.list.withLock { $0.last } }

    func stop() { thread.stopAndJoin() }

    /// The value of a line of the metrics.
    func metric(_ line: String) -> Double? { shared.metrics.value(of: line) }
}

extension ClientSocket {
    func ask(_ head: String, body: [UInt8] = []) throws {
        let text = "\(head) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n"
        try send(Array(text.utf8) + body, timeout: patience)
    }

    /// The next answer, whose body comes with its length.
    func answer() throws -> String {
        var bytes: [UInt8] = []
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") {
                let head = text[..<end.lowerBound]
                let length = head.split(separator: "\r\n").first {
                    $0.lowercased().hasPrefix("content-length: ")
                }
                let count = length.flatMap { Int($0.dropFirst(16)) } ?? 0
                if text[end.upperBound...].utf8.count >= count { return text }
            }
            let more = try receive(maximum: 1 << 16, timeout: patience)
            if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += more
        }
    }
}
