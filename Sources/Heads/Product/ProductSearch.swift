internal import HeapModule

extension ProductDistribution {
    /// The best `count` labels with ln p(y), best first, ties to the lower label.
    ///
    /// Best-first over the ranks of each head's sorted digits, one root a box of labels, each node
    /// with one parent, so that nothing is visited twice and codes that are not labels are never
    /// visited (the multi-sequence algorithm of Babenko and Lempitsky, CVPR 2012). `count` pops, at
    /// most `count`·H pushes.
    func top(_ count: Int) -> [RankedLabel<Double>] {
        guard count > 0 else { return [] }
        var frontier = ProductFrontier(self, count: count)
        var best: [RankedLabel<Double>] = []
        best.reserveCapacity(min(count, radix.classCount))
        while best.count < count, let label = frontier.next() {
            best.append(RankedLabel(index: label.index, value: normalized(label.value)))
        }
        return best
    }
}

/// A code on the frontier of the search; the greater is the better.
private struct SearchNode: Comparable {
    let logProduct: Double
    let label: Int
    let box: Int
    /// The index at which its ranks begin.
    let place: Int

    static func < (left: Self, right: Self) -> Bool {
        left.logProduct < right.logProduct
            || (left.logProduct == right.logProduct && left.label > right.label)
    }
}

/// The codes that may come next.
struct ProductFrontier {
    private let distribution: ProductDistribution
    /// The best digits of each head, best first.
    private var sorted: [[Int]]
    /// The best digits of the head that each box bounds.
    private var bounded: [[Int]]
    private var heap = Heap<SearchNode>()
    /// H ranks for every node so far: the position in the sorted digits of each head, zero for
    /// heads whose digit the box fixes.
    private var ranks: [Int] = []

    private var headCount: Int { distribution.radix.sizes.count }

    /// Only the best `count` digits of a head can be among the best `count` labels: the same digits
    /// elsewhere make each better one a better label.
    init(_ distribution: ProductDistribution, count: Int) {
        self.distribution = distribution
        let (radix, boxes) = (distribution.radix, distribution.radix.boxes)
        let freeHeads = (boxes.map(\.prefix.count).min() ?? 0) + 1
        func best(_ head: Int, below limit: Int) -> [Int] {
            let logs = distribution.logProbabilities[radix.digitPlaces(head)]
            return TopK.indices(of: logs.prefix(limit), count: count)
        }
        sorted = radix.sizes.indices.map { head in
            head < freeHeads ? [] : best(head, below: radix.sizes[head])
        }
        bounded = boxes.map { best($0.prefix.count, below: $0.limit) }
        ranks.reserveCapacity(min(count, 1 << 10) * headCount)
        for box in boxes.indices {
            ranks.append(contentsOf: repeatElement(0, count: headCount))
            insert(box)
        }
    }

    /// The best label that has not come yet.
    mutating func next() -> RankedLabel<Double>? {
        guard let node = heap.popMax() else { return nil }
        addSuccessors(of: node)
        return RankedLabel(index: node.label, value: node.logProduct)
    }

    /// One step further in each coordinate up to and including the first that is not zero: every
    /// tuple of ranks then has exactly one parent.
    private mutating func addSuccessors(of node: SearchNode) {
        let first = distribution.radix.boxes[node.box].prefix.count
        for head in first..<headCount {
            let rank = ranks[node.place + head]
            let digits = head == first ? bounded[node.box].count : sorted[head].count
            if rank + 1 < digits {
                for other in 0..<headCount { ranks.append(ranks[node.place + other]) }
                ranks[ranks.count - headCount + head] += 1
                insert(node.box)
            }
            if rank != 0 { return }
        }
    }

    /// Inserts the code of the last ranks.
    private mutating func insert(_ box: Int) {
        let (radix, place) = (distribution.radix, ranks.count - headCount)
        let prefix = radix.boxes[box].prefix
        var (logProduct, label) = (0.0, 0)
        for head in 0..<headCount {
            let rank = ranks[place + head]
            let digit =
                if head < prefix.count { prefix[head] } else if head == prefix.count {
                    bounded[box][rank]
                } else { sorted[head][rank] }
            logProduct += distribution.logProbabilities[radix.digitPlaces(head).lowerBound + digit]
            label = label * radix.sizes[head] + digit
        }
        heap.insert(SearchNode(logProduct: logProduct, label: label, box: box, place: place))
    }
}
