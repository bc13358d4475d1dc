import Glibc
import Testing

@testable import Sockets

@Suite struct ClientSocketTests {
    @Test(arguments: -1...1) func `an answer over the limit is refused`(excess: Int) throws {
        let server = try TestServer { connection, log in
            connection.write([UInt8](repeating: 1, count: 50 + excess))
            connection.close()
            return Echo(log)
        }
        defer { server.stop() }
        let client = try server.connect()
        if excess > 0 {
            #expect(throws: SocketError.answerTooLong(limit: 50)) {
                try client.receiveAll(limit: 50, timeout: patience)
            }
        } else {
            #expect(try client.receiveAll(limit: 50, timeout: patience).count == 50 + excess)
        }
    }

    @Test func `silence ends in a timeout`() throws {
        let server = try TestServer { Echo($1) }
        defer { server.stop() }
        let client = try server.connect()
        #expect(throws: SocketError.timedOut(nanoseconds: 1_000_000)) {
            try client.receiveAll(limit: 50, timeout: 1_000_000)
        }
    }

    @Test func `sending to a peer that is gone is an error and no signal`() throws {
        let server = try TestServer { Echo($1) }
        defer { server.stop() }
        let client = try server.connect()
        let id = try server.log.nextAccepted()
        try server.thread.handle.sync { $0.connection(id)?.abort() }
        #expect(server.log.wait { $0 == .closed(.aborted) })
        #expect(throws: SocketError.self) {
            for _ in 0..<1000 {
                try client.send([UInt8](repeating: 0, count: 65_536), timeout: patience)
            }
        }
    }

    @Test func `errors say what happened`() {
        #expect(
            SocketError.system(call: "bind", errno: EADDRINUSE).description
                == "bind: Address already in use (errno 98)")
        #expect(SocketError.portOutOfRange(70000).description == "port 70000 is not in 0...65535")
    }
}
