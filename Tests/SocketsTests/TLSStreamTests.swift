import COpenSSL
import Testing

@testable import Sockets

/// Two ends of TLS that talk in memory, in pieces of a chosen size.
private struct Pair {
    let client: TLSStream
    let server: TLSStream
    var pieceBytes: Int
    var clientReceived: [UInt8] = []
    var serverReceived: [UInt8] = []
    var clientSawEnd = false
    var serverSawEnd = false

    init(_ client: TLSContext, _ server: TLSContext, pieceBytes: Int = .max) throws {
        self.client = try TLSStream(client)
        self.server = try TLSStream(server)
        self.pieceBytes = pieceBytes
        _ = self.client.receive([UInt8]().span)
    }

    /// Carries bytes both ways until neither end has any.
    mutating func talk() {
        while client.outputCount > 0 || server.outputCount > 0 {
            for bytes in drain(client) {
                let received = server.receive(bytes.span)
                serverReceived += received.plaintext
                if received.isEnd { serverSawEnd = true }
            }
            for bytes in drain(server) {
                let received = client.receive(bytes.span)
                clientReceived += received.plaintext
                if received.isEnd { clientSawEnd = true }
            }
        }
    }

    /// Bytes that one end has to send, in pieces.
    func drain(_ stream: TLSStream) -> [[UInt8]] {
        var bytes: [UInt8] = []
        while let (next, offset) = stream.next {
            let count = min(pieceBytes, next.count - offset)
            bytes += next[offset..<offset + count]
            stream.advance(count)
        }
        return stride(from: 0, to: bytes.count, by: min(pieceBytes, max(bytes.count, 1))).map {
            Array(bytes[$0..<min($0 + min(pieceBytes, bytes.count), bytes.count)])
        }
    }

    /// Sends all of `bytes` from one end.
    mutating func send(_ bytes: [UInt8], from stream: TLSStream) {
        var offset = 0
        while offset < bytes.count, stream.failure == nil {
            offset += stream.encrypt(bytes, from: offset)
            talk()
        }
    }
}

@Suite struct TLSStreamTests {
    private static let versions = [TLS1_2_VERSION, TLS1_3_VERSION]

    @Test(arguments: versions, [1, 2, 3, 7, 1000, Int.max])
    func `what is sent in pieces of any size arrives`(version: Int32, pieceBytes: Int) throws {
        let authority = try TestAuthority()
        var pair = try Pair(
            authority.clientContext(highestVersion: version), authority.serverContext(),
            pieceBytes: pieceBytes)
        pair.talk()
        #expect(pair.client.isEstablished && pair.server.isEstablished)
        let question = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let answer = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        pair.send(question, from: pair.client)
        pair.send(answer, from: pair.server)
        #expect(pair.serverReceived == question)
        #expect(pair.clientReceived == answer)
        #expect(!pair.server.isPeerVerified)
    }

    /// The split goes through every place of the client's first flight, and its last one.
    @Test(arguments: versions)
    func `a handshake split in two at any byte is completed`(version: Int32) throws {
        let authority = try TestAuthority()
        let (client, server) = (
            try authority.clientContext(highestVersion: version), try authority.serverContext()
        )
        var position = 1
        var isWithinFlight = true
        while isWithinFlight {
            var pair = try Pair(client, server)
            isWithinFlight = false
            for bytes in pair.drain(pair.client) where position < bytes.count {
                isWithinFlight = true
                _ = pair.server.receive(bytes.span.extracting(..<position))
                #expect(pair.server.outputCount == 0 && !pair.server.isEstablished)
                _ = pair.server.receive(bytes.span.extracting(position...))
            }
            guard isWithinFlight else { break }
            pair.pieceBytes = position
            pair.talk()
            #expect(pair.server.isEstablished && pair.server.failure == nil)
            position += 1
        }
        #expect(position > 100)
    }

    @Test func `a changed byte of the greeting never does harm`() throws {
        let authority = try TestAuthority()
        let (client, server) = (try authority.clientContext(), try authority.serverContext())
        let greeting = try Pair(client, server)
        let bytes = greeting.drain(greeting.client).flatMap(\.self)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x55
            let stream = try TLSStream(server)
            _ = stream.receive(changed.span)
            #expect(!stream.isEstablished)
        }
    }

    @Test func `a changed byte of data ends the session`() throws {
        let authority = try TestAuthority()
        var pair = try Pair(authority.clientContext(), authority.serverContext())
        pair.talk()
        _ = pair.client.encrypt([1, 2, 3], from: 0)
        var bytes = pair.drain(pair.client).flatMap(\.self)
        bytes[bytes.count - 1] ^= 1
        let received = pair.server.receive(bytes.span)
        #expect(received.plaintext.isEmpty)
        #expect(pair.server.failure != nil)
        #expect(pair.server.encrypt([1], from: 0) == 0)
    }

    @Test func `plain HTTP is no handshake`() throws {
        let stream = try TLSStream(TestAuthority().serverContext())
        _ = stream.receive(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8).span)
        #expect(stream.failure?.description == "TLS: http request")
    }

    @Test(arguments: [
        ([], true), (["http/1.1"], true), (["h2", "http/1.1"], true), (["h2"], false),
        (["http/1.1x", "ttp/1.1", "http/1.0"], false),
    ])
    func `only the server's protocol is spoken`(offered: [String], isTaken: Bool) throws {
        let authority = try TestAuthority()
        var pair = try Pair(
            authority.clientContext(offering: offered), authority.serverContext())
        pair.talk()
        #expect(pair.server.isEstablished == isTaken)
        #expect((pair.client.failure == nil) == isTaken)
        if !isTaken {
            #expect(
                pair.client.failure?.description
                    == "TLS: tlsv1 alert no application protocol")
        }
    }

    @Test func `a protocol is found between others and past the end nowhere`() {
        let name = Array("http/1.1".utf8)
        let list = [2] + Array("h2".utf8) + [8] + name
        #expect(ApplicationProtocol.find(name, in: list.span) == 4..<12)
        for count in 0..<list.count {
            let cut = Array(list[..<count])
            #expect(ApplicationProtocol.find(name, in: cut.span) == nil)
        }
    }

    /// At the bound nothing more is taken; below it, at most one record goes over it.
    @Test func `no more is encrypted than the socket is expected to take`() throws {
        let authority = try TestAuthority()
        var pair = try Pair(authority.clientContext(), authority.serverContext())
        pair.talk()
        let bytes = [UInt8](repeating: 1, count: 1_000_000)
        var offset = 0
        while case let taken = pair.server.encrypt(bytes, from: offset), taken > 0 {
            #expect(taken <= TLSSession.maxRecordBytes)
            offset += taken
        }
        #expect(pair.server.outputCount >= TLSStream.maxOutputBytes)
        let bound = TLSStream.maxOutputBytes + TLSSession.maxRecordBytes + 256
        #expect(pair.server.outputCount < bound)
        #expect(pair.server.carriesData)
        pair.talk()
        #expect(!pair.server.carriesData)
        #expect(pair.clientReceived.count == offset)
    }

    @Test(arguments: versions) func `each side closes for itself`(version: Int32) throws {
        let authority = try TestAuthority()
        var pair = try Pair(
            authority.clientContext(highestVersion: version), authority.serverContext())
        pair.talk()
        pair.client.shutDown()
        pair.talk()
        #expect(pair.serverSawEnd)
        pair.send([1, 2, 3], from: pair.server)
        #expect(pair.clientReceived == [1, 2, 3])
        pair.server.shutDown()
        pair.server.shutDown()
        pair.talk()
        #expect(pair.clientSawEnd)
        #expect(pair.server.failure == nil && pair.client.failure == nil)
        #expect(pair.server.encrypt([1], from: 0) == 0)
    }
}

@Suite struct ClientCertificateTests {
    private static let versions = [TLS1_2_VERSION, TLS1_3_VERSION]

    private func pair(
        version: Int32, credentials: (TestAuthority) throws -> TLSCredentials?
    ) throws -> Pair {
        let authority = try TestAuthority()
        var pair = try Pair(
            authority.clientContext(
                credentials: credentials(authority), highestVersion: version),
            authority.serverContext(clientCA: authority.certificate))
        pair.talk()
        return pair
    }

    @Test(arguments: versions) func `without one the peer is not verified`(version: Int32) throws {
        let pair = try pair(version: version) { _ in nil }
        #expect(pair.server.isEstablished && !pair.server.isPeerVerified)
    }

    @Test(arguments: versions) func `one of the authority verifies`(version: Int32) throws {
        let pair = try pair(version: version) {
            let (chain, key) = try $0.issue("client")
            return try TLSCredentials(certificate: chain, key: key)
        }
        #expect(pair.server.isEstablished && pair.server.isPeerVerified)
    }

    @Test(arguments: versions) func `one of another authority is refused`(version: Int32) throws {
        let other = try TestAuthority(name: "other")
        let pair = try pair(version: version) { _ in
            let (chain, key) = try other.issue("client")
            return try TLSCredentials(certificate: chain, key: key)
        }
        #expect(!pair.server.isEstablished && !pair.server.isPeerVerified)
        #expect(
            pair.server.failure
                == .untrustedPeer(verification: Int(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)))
        #expect(pair.client.failure != nil)
    }

    @Test(arguments: versions) func `one that has expired is refused`(version: Int32) throws {
        let pair = try pair(version: version) {
            let (chain, key) = try $0.issue("client", days: -3 ... -2)
            return try TLSCredentials(certificate: chain, key: key)
        }
        #expect(
            pair.server.failure == .untrustedPeer(verification: Int(X509_V_ERR_CERT_HAS_EXPIRED)))
    }
}
