/// Elements in numbered slots that are used again; inserting and removing are O(1). A free slot
/// keeps its last element until it is used again.
@usableFromInline struct Slots<Element: Sendable>: Sendable {
    @usableFromInline var elements: [Element] = []
    @usableFromInline var free: [Int] = []

    @inlinable init() {}

    @inlinable subscript(slot: Int) -> Element {
        _read { yield elements[slot] }
        _modify { yield &elements[slot] }
    }

    @inlinable mutating func insert(_ element: Element) -> Int {
        guard let slot = free.popLast() else {
            elements.append(element)
            return elements.count - 1
        }
        elements[slot] = element
        return slot
    }

    @inlinable mutating func remove(_ slot: Int) {
        free.append(slot)
    }
}

/// Both ends of a list of slots.
@usableFromInline struct Chain: Sendable {
    @usableFromInline var first: Int?
    @usableFromInline var last: Int?

    @inlinable init() {}
}

/// The links of doubly linked lists over slots, each slot in at most one of them. Appending and
/// removing are O(1).
@usableFromInline struct Links: Sendable {
    @usableFromInline var previous: [Int?] = []
    @usableFromInline var next: [Int?] = []

    @inlinable init() {}

    @inlinable mutating func append(_ slot: Int, to chain: inout Chain) {
        while next.count <= slot {
            previous.append(nil)
            next.append(nil)
        }
        previous[slot] = chain.last
        next[slot] = nil
        if let last = chain.last { next[last] = slot } else { chain.first = slot }
        chain.last = slot
    }

    @inlinable mutating func prepend(_ slot: Int, to chain: inout Chain) {
        append(slot, to: &chain)
        guard let first = chain.first, first != slot else { return }
        remove(slot, from: &chain)
        (previous[slot], next[slot]) = (nil, first)
        previous[first] = slot
        chain.first = slot
    }

    @inlinable mutating func remove(_ slot: Int, from chain: inout Chain) {
        let (before, after) = (previous[slot], next[slot])
        if let before { next[before] = after } else { chain.first = after }
        if let after { previous[after] = before } else { chain.last = before }
    }

    /// Moves the first slot of a list to its end.
    @inlinable mutating func rotate(_ chain: inout Chain) {
        guard let first = chain.first, first != chain.last else { return }
        remove(first, from: &chain)
        append(first, to: &chain)
    }

    @inlinable func slot(after slot: Int) -> Int? { next[slot] }
}
