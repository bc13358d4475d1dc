internal import HeapModule

extension ProductDistribution {
    /// The best `count` labels with ln p(y), best first, ties to the lower label.
    ///
    /// Best-first over the ranks of each head's sorted digits, one root a box of labels, each
    /// node with one parent, so that nothing is visited twice and no code that is no label is
    /// visited at all (science.md 6). `count` pops, at most `count`·H pushes.
    func top(_ count: Int) -> [RankedLabel<Double>] {
        let boxes = radix.boxes.map { SortedBox($0, logProbabilities) }
        var frontier = Heap(
            boxes.indices.map { node(in: boxes, box: $0, ranks: boxes[$0].firstRanks) })
        var best: [RankedLabel<Double>] = []
        while best.count < count, let node = frontier.popMax() {
            best.append(RankedLabel(index: node.label, value: normalized(node.logProduct)))
            for ranks in boxes[node.box].successors(of: node.ranks) {
                frontier.insert(self.node(in: boxes, box: node.box, ranks: ranks))
            }
        }
        return best
    }

    private func node(in boxes: [SortedBox], box: Int, ranks: [Int]) -> SearchNode {
        let digits = boxes[box].digits(ranks)
        let logProduct = zip(digits, logProbabilities).reduce(0) { $0 + $1.1[$1.0] }
        return SearchNode(
            logProduct: logProduct, label: radix.label(of: digits), box: box, ranks: ranks)
    }
}

/// A code on the frontier of the search; the greater is the better.
private struct SearchNode: Comparable {
    let logProduct: Double
    let label: Int
    let box: Int
    /// Position in the sorted digits of each free head.
    let ranks: [Int]

    static func < (left: Self, right: Self) -> Bool {
        left.logProduct < right.logProduct
            || (left.logProduct == right.logProduct && left.label > right.label)
    }
}

/// A box of codes with the digits of its free heads sorted, best first.
private struct SortedBox {
    let prefix: [Int]
    let sorted: [[Int]]

    init(_ box: CodeBox, _ logs: [[Double]]) {
        prefix = box.prefix
        sorted = logs.indices.dropFirst(box.prefix.count).map { head in
            let digits = head == box.prefix.count ? 0..<box.limit : logs[head].indices
            return digits.sorted { (logs[head][$0], $1) > (logs[head][$1], $0) }
        }
    }

    var firstRanks: [Int] { sorted.map { _ in 0 } }

    func digits(_ ranks: [Int]) -> [Int] {
        prefix + zip(sorted, ranks).map { $0[$1] }
    }

    /// One step further in each coordinate up to and including the first that is not zero: every
    /// tuple of ranks then has exactly one parent.
    func successors(of ranks: [Int]) -> [[Int]] {
        var successors: [[Int]] = []
        for head in ranks.indices {
            if ranks[head] + 1 < sorted[head].count {
                var next = ranks
                next[head] += 1
                successors.append(next)
            }
            if ranks[head] != 0 { break }
        }
        return successors
    }
}
