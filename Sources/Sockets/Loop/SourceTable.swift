/// The sources of a loop, found by index. A generation tells the users of a slot apart.
struct SourceTable {
    private struct Slot {
        var generation: UInt32 = 0
        var source: (any EventSource)?
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []

    /// All sources, in no particular order.
    var all: [any EventSource] { slots.compactMap(\.source) }

    /// A name for a source to come; its slot stays empty until `set`.
    mutating func reserve() -> SourceID {
        if let index = free.popLast() {
            return SourceID(index: index, generation: slots[Int(index)].generation)
        }
        slots.append(Slot())
        return SourceID(index: UInt32(slots.count - 1), generation: 0)
    }

    mutating func set(_ source: any EventSource, for id: SourceID) {
        slots[Int(id.index)].source = source
    }

    /// The source of that name; nil once it is removed.
    subscript(id: SourceID) -> (any EventSource)? {
        let index = Int(id.index)
        guard index < slots.count, slots[index].generation == id.generation else { return nil }
        return slots[index].source
    }

    /// Ends the use of the name and frees the slot for others.
    mutating func remove(_ id: SourceID) {
        let index = Int(id.index)
        guard index < slots.count, slots[index].generation == id.generation else { return }
        slots[index].source = nil
        slots[index].generation &+= 1
        free.append(id.index)
    }
}
