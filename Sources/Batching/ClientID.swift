/// The client that work is charged to, and in whose queue it waits.
package struct ClientID: Hashable, Sendable {
    /// The origin of the number: numbers of different origins are different clients.
    let origin: UInt64
    let number: UInt64

    package init(origin: UInt64 = 0, number: UInt64) {
        self.origin = origin
        self.number = number
    }
}
