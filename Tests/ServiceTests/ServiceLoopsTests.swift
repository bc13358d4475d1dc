import Dispatch
import Logging
import Testing

@testable import HTTPMessages
@testable import Service
@testable import Sockets

/// Start and stop of the service's event loops.
@Suite struct ServiceLoopsTests {
    private static func options(adminPort: Int? = nil) -> ServiceOptions {
        var options = ServiceOptions()
        options.port = 0
        options.adminPort = adminPort
        return options
    }

    private static func shared(_ options: ServiceOptions) throws -> SharedService {
        try SharedService(options, routes: EndpointTable.labels)
    }

    private static func connect(_ address: SocketAddress) throws -> ClientSocket {
        try ClientSocket(host: "127.0.0.1", port: address.port, timeout: patience)
    }

    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(arguments: [0, 1, 3]) func `every loop answers`(processorCount: Int) throws {
        let loops = try ServiceLoops(processorCount: processorCount)
        defer { loops.stopAndJoin() }
        let addresses = try loops.listen(try Self.shared(Self.options()), log: Self.log)
        #expect(addresses.admin == nil)
        // Connections take turns over the loops.
        for _ in 0..<2 * max(1, processorCount) {
            let client = try Self.connect(addresses.service)
            try client.ask("GET /health/live")
            #expect(try client.answer().hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test func `the admin port is another one`() throws {
        let loops = try ServiceLoops(processorCount: 2)
        defer { loops.stopAndJoin() }
        let addresses = try loops.listen(try Self.shared(Self.options(adminPort: 0)), log: Self.log)
        let admin = try #require(addresses.admin)
        #expect(admin.port != addresses.service.port)
        let client = try Self.connect(admin)
        try client.ask("GET /v1/models")
        #expect(try client.answer().hasPrefix("HTTP/1.1 404 "))
    }

    @Test func `a port that is taken is an error, and the loops end`() throws {
        let first = try ServiceLoops(processorCount: 1)
        defer { first.stopAndJoin() }
        let port = try first.listen(try Self.shared(Self.options()), log: Self.log).service.port
        var options = Self.options()
        options.port = port
        let second = try ServiceLoops(processorCount: 2)
        let shared = try Self.shared(options)
        #expect {
            try second.listen(shared, log: Self.log)
        } throws: { error in
            "\(error)"
                == "cannot listen on --host 127.0.0.1 --port \(port): bind: Address already in use "
                + "(errno 98): another process listens there; stop it, or give another --port, 0 "
                + "for any free one"
        }
        second.stopAndJoin()
    }

    @Test func `a drain is over when the connections of all loops are gone`() throws {
        let loops = try ServiceLoops(processorCount: 3)
        defer { loops.stopAndJoin() }
        let addresses = try loops.listen(try Self.shared(Self.options(adminPort: 0)), log: Self.log)
        let admin = try Self.connect(try #require(addresses.admin))
        let first = try Self.connect(addresses.service)
        // Its head is arriving, so it may finish.
        try first.send(Array("GET /health/live HTTP/1.1\r\n".utf8), timeout: patience)
        let second = try Self.connect(addresses.service)
        try second.ask("GET /health/live")
        #expect(try second.answer().hasPrefix("HTTP/1.1 200 OK\r\n"))
        let drained = DispatchSemaphore(value: 0)
        loops.drain { drained.signal() }
        #expect(try second.receiveAll(limit: 1, timeout: patience).isEmpty, "it was idle")
        #expect(drained.wait(timeout: .now()) == .timedOut)
        try first.send(Array("Host: a\r\n\r\n".utf8), timeout: patience)
        #expect(try first.answer().contains("\r\nConnection: close\r\n"))
        try first.finishWriting()
        #expect(drained.wait(timeout: .now() + .seconds(patienceSeconds)) == .success)
        try admin.ask("GET /health/live")
        #expect(try admin.answer().hasPrefix("HTTP/1.1 200 OK\r\n"), "probes are answered on")
        #expect(throws: SocketError.self) { _ = try Self.connect(addresses.service) }
    }

    @Test func `loops that never listened drain and stop`() throws {
        let loops = try ServiceLoops(processorCount: 2)
        let drained = DispatchSemaphore(value: 0)
        loops.drain { drained.signal() }
        #expect(drained.wait(timeout: .now()) == .success)
        loops.stopAndJoin()
        loops.stopAndJoin()
    }

    @Test func `a stop closes the connections that are open`() throws {
        let loops = try ServiceLoops(processorCount: 2)
        let addresses = try loops.listen(try Self.shared(Self.options()), log: Self.log)
        let client = try Self.connect(addresses.service)
        try client.ask("GET /health/live")
        #expect(try client.answer().hasPrefix("HTTP/1.1 200 OK\r\n"))
        loops.stopAndJoin()
        #expect(try client.receiveAll(limit: 1, timeout: patience).isEmpty)
        #expect(throws: SocketError.self) { _ = try Self.connect(addresses.service) }
    }
}
