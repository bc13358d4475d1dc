/// Elements in numbered slots that are used again; inserting and removing are O(1). A free slot
/// keeps its last element until it is used again.
struct Slots<Element: Sendable>: Sendable {
    var elements: [Element] = []
    var free: [Int] = []

    init() {}

    subscript(slot: Int) -> Element {
        _read { yield elements[slot] }
        _modify { yield &elements[slot] }
    }

    mutating func insert(_ element: Element) -> Int {
        guard let slot = free.popLast() else {
            elements.append(element)
            return elements.count - 1
        }
        elements[slot] = element
        return slot
    }

    mutating func remove(_ slot: Int) {
        free.append(slot)
    }
}

/// Both ends of a list of slots.
struct Chain: Sendable {
    var first: Int?
    var last: Int?

    init() {}
}

/// The links of doubly linked lists over slots, each slot in at most one of them. Appending and
/// removing are O(1).
struct Links: Sendable {
    var previous: [Int?] = []
    var next: [Int?] = []

    init() {}

    mutating func append(_ slot: Int, to chain: inout Chain) {
        while next.count <= slot {
            previous.append(nil)
            next.append(nil)
        }
        previous[slot] = chain.last
        next[slot] = nil
        if let last = chain.last { next[last] = slot } else { chain.first = slot }
        chain.last = slot
    }

    mutating func prepend(_ slot: Int, to chain: inout Chain) {
        append(slot, to: &chain)
        guard let first = chain.first, first != slot else { return }
        remove(slot, from: &chain)
        (previous[slot], next[slot]) = (nil, first)
        previous[first] = slot
        chain.first = slot
    }

    mutating func remove(_ slot: Int, from chain: inout Chain) {
        let (before, after) = (previous[slot], next[slot])
        if let before { next[before] = after } else { chain.first = after }
        if let after { previous[after] = before } else { chain.last = before }
    }

    func slot(after slot: Int) -> Int? { next[slot] }
}
