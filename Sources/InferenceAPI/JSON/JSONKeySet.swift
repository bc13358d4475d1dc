/// Keys of an object, by their indices among those that are known, in a word of memory.
struct JSONKeySet {
    private var bits: UInt32 = 0

    /// Indices are below it.
    static let maxCount = UInt32.bitWidth

    func contains(_ index: Int) -> Bool { bits & Self.bit(index) != 0 }

    /// Adds a key; false where it is there already.
    mutating func insert(_ index: Int) -> Bool {
        defer { bits |= Self.bit(index) }
        return !contains(index)
    }

    private static func bit(_ index: Int) -> UInt32 {
        precondition((0..<maxCount).contains(index), "a key that a word has a bit for")
        return 1 << UInt32(index)
    }
}
