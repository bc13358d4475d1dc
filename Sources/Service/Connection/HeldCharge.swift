internal import Synchronization

/// Bytes that one piece of work holds, counted in `HeldBytes` and given back when it goes, whatever
/// becomes of the work.
struct HeldCharge: ~Copyable, Sendable {
    private let heldBytes: HeldBytes
    private let count = Atomic<Int>(0)

    init(_ heldBytes: HeldBytes) { self.heldBytes = heldBytes }

    deinit { heldBytes.change(by: -count.load(ordering: .relaxed)) }

    /// Adds bytes that are held from now on. Without room for them nothing is added; a charge that
    /// has become long needs the room of long ones.
    borrowing func add(_ bytes: Int) throws(Refusal) {
        let sum = count.wrappingAdd(bytes, ordering: .relaxed).newValue
        heldBytes.change(by: bytes)
        guard !heldBytes.hasRoom(for: sum) else { return }
        count.wrappingSubtract(bytes, ordering: .relaxed)
        heldBytes.change(by: -bytes)
        throw .outOfRoom
    }
}
