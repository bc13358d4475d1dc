/// An array that counts the elements it moves from one place in memory to another.
///
/// Growing by the usual factor moves fewer than two for each one appended. A copy on write, which
/// nothing in the code shows, would move all for each change, and be counted.
struct CountedArray<Element>: ~Copyable {
    private(set) var elements: [Element]
    /// Elements moved so far.
    private(set) var movedCount = 0

    /// An empty array with room for `capacity` elements. Room costs addresses, not memory, until
    /// it is used, and spares the moving.
    init(capacity: Int) {
        elements = []
        elements.reserveCapacity(capacity)
    }

    var count: Int { elements.count }
    var last: Element? { elements.last }

    subscript(index: Int) -> Element { elements[index] }

    mutating func append(_ element: Element) {
        count { $0.append(element) }
    }

    mutating func removeLast() {
        count { $0.removeLast() }
    }

    /// Removes and returns the elements from `start` on.
    mutating func removeAll(from start: Int) -> [Element] {
        let removed = Array(elements[start...])
        count { $0.removeSubrange(start...) }
        return removed
    }

    mutating func change(_ index: Int, _ body: (inout Element) -> Void) {
        count { body(&$0[index]) }
    }

    private mutating func count(_ change: (inout [Element]) -> Void) {
        let place = elements.place
        change(&elements)
        if elements.place != place { movedCount += elements.count }
    }
}

extension Array {
    /// The address of the elements, to see whether they were moved.
    var place: UInt {
        unsafe withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    }
}
