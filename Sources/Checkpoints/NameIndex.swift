internal import Glibc

/// Names in the order of their bytes, in which those with one beginning are neighbours: they are
/// found without looking at the others, of which a file may have many thousands.
struct NameIndex: Sendable {
    /// In the order given.
    let names: [String]
    /// Places in `names`, in the order of the names' bytes.
    private let order: [Int]

    /// Cost O(n log n).
    init(_ names: [String]) {
        self.names = names
        order = names.indices.sorted { names[$0].precedes(names[$1]) }
    }

    /// Whether a name begins with `start`. Cost O(log n).
    func hasName(beginningWith start: String) -> Bool {
        let place = firstPlace(from: start)
        return place < order.count && names[order[place]].utf8.starts(with: start.utf8)
    }

    /// The names that begin with `start`, in the order given. Cost O(log n + k log k) for k names.
    func names(beginningWith start: String) -> [String] {
        guard !start.isEmpty else { return names }
        return order[firstPlace(from: start)...]
            .prefix { names[$0].utf8.starts(with: start.utf8) }
            .sorted().map { names[$0] }
    }

    /// The first place in `order` of a name that does not come before `start`.
    private func firstPlace(from start: String) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if names[order[middle]].precedes(start) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension String {
    /// Whether the bytes of the text come before those of `other`. Unlike `<`, which compares
    /// normalised characters, this keeps texts with one beginning together.
    fileprivate func precedes(_ other: String) -> Bool {
        let order = unsafe utf8.withContiguousStorageIfAvailable { own in
            unsafe other.utf8.withContiguousStorageIfAvailable { others -> Bool in
                guard let left = own.baseAddress, let right = others.baseAddress else {
                    return own.count < others.count
                }
                let order = unsafe memcmp(left, right, min(own.count, others.count))
                return order < 0 || (order == 0 && own.count < others.count)
            }
        }
        return (order ?? nil) ?? utf8.lexicographicallyPrecedes(other.utf8)
    }
}
