import Glibc

/// The peer that connections are counted for: an IPv4 address, or the 64 bits of an IPv6 address
/// that name a network, since a client with one address of a network usually has them all.
struct PeerNetwork: Hashable, Sendable {
    private static let prefixBytes = 8
    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    private let bytes: [UInt8]

    /// - Parameter address: the 4 bytes of an IPv4 address or the 16 of an IPv6 address; an
    ///   IPv4-mapped IPv6 address counts as the IPv4 address.
    init(address: [UInt8]) {
        bytes =
            address.starts(with: Self.mappedPrefix)
            ? Array(address.dropFirst(Self.mappedPrefix.count))
            : Array(address.prefix(Self.prefixBytes))
    }
}

/// The number of open connections of each network that has any.
struct PeerCounts: Sendable {
    private(set) var counts: [PeerNetwork: Int] = [:]

    /// Counts a connection of `peer`; false, without counting it, if the peer has `limit` already.
    mutating func admit(_ peer: PeerNetwork, limit: Int) -> Bool {
        let count = counts[peer, default: 0]
        guard count < limit else { return false }
        counts[peer] = count + 1
        return true
    }

    /// Counts an admitted connection as closed.
    mutating func release(_ peer: PeerNetwork) {
        guard let count = counts[peer] else { return }
        counts[peer] = count > 1 ? count - 1 : nil
    }
}
