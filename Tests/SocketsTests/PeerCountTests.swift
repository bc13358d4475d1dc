import Glibc
import Testing

@testable import Sockets

@Suite struct PeerCountTests {
    private func network(_ host: String) throws -> PeerNetwork {
        PeerNetwork(address: try SocketAddress.resolve(host: host, port: 1)[0].addressBytes)
    }

    @Test(
        arguments: [
            ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false),
            ("::ffff:10.0.0.1", "10.0.0.1", true), ("::ffff:10.0.0.1", "::ffff:10.0.0.2", false),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false), ("::1", "::2", true),
            ("::1", "127.0.0.1", false),
        ])
    func `peers are told apart by address or network`(
        left: String, right: String, areOne: Bool
    ) throws {
        #expect((try network(left) == network(right)) == areOne)
    }

    @Test func `an address is its bytes`() throws {
        let four = try SocketAddress.resolve(host: "1.2.3.4", port: 7)[0]
        #expect(four.addressBytes == [1, 2, 3, 4])
        let six = try SocketAddress.resolve(host: "2001:db8::4", port: 7)[0]
        #expect(six.addressBytes == [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4])
    }

    @Test func `a peer is admitted up to the limit and forgotten when it leaves`() throws {
        var counts = PeerCounts()
        let (one, other) = (try network("10.0.0.1"), try network("10.0.0.2"))
        let admitted = [one, one, one, other].map { counts.admit($0, limit: 2) }
        #expect(admitted == [true, true, false, true])
        counts.release(one)
        let again = [one, one].map { counts.admit($0, limit: 2) }
        #expect(again == [true, false])
        for peer in [one, one, other, other] { counts.release(peer) }
        #expect(counts.counts.isEmpty)
    }
}
