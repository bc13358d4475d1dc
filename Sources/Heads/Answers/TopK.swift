internal import HeapModule

/// Selection of the best labels: larger values first, ties to the lower index.
enum TopK {
    /// The indices of the `count` largest values (all of them when there are fewer), best first.
    /// Cost O(K log count), one heap of `count` entries.
    static func indices<Value: Comparable>(
        of values: some RandomAccessCollection<Value>, count: Int
    ) -> [Int] {
        var best = BestCandidates<Value>(capacity: min(count, values.count))
        for (index, value) in values.enumerated() { best.insert(index, value) }
        return best.sorted().map(\.index)
    }
}

/// A label with the value it is ranked by. The order is the ranking's: better is greater.
struct RankedLabel<Value: Comparable>: Comparable {
    var index: Int
    var value: Value

    static func < (left: Self, right: Self) -> Bool {
        left.value < right.value || (left.value == right.value && left.index > right.index)
    }
}

/// The best `capacity` labels seen so far.
struct BestCandidates<Value: Comparable> {
    let capacity: Int
    private var heap: Heap<RankedLabel<Value>>

    /// Labels there is room for from the start: lists are short.
    private static var startCapacity: Int { 64 }

    init(capacity: Int) {
        self.capacity = capacity
        heap = Heap(minimumCapacity: min(capacity, Self.startCapacity))
    }

    /// The value a label must beat, or tie with a lower index, to enter; nil while there is room.
    var threshold: Value? { heap.count < capacity ? nil : heap.min?.value }

    mutating func insert(_ index: Int, _ value: Value) {
        let label = RankedLabel(index: index, value: value)
        if heap.count < capacity {
            heap.insert(label)
        } else if let worst = heap.min, worst < label {
            heap.replaceMin(with: label)
        }
    }

    /// Best first.
    func sorted() -> [RankedLabel<Value>] { heap.unordered.sorted(by: >) }
}
