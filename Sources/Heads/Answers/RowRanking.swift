internal import LogitKernels

/// A row of logits, its sums, and the largest logit of every panel of classes.
struct RowRanking {
    let maxima: [Float]
    let sums: RowSums
    private let kernel: LogitKernel

    /// Nil when a logit of the row is not finite.
    init?(_ logits: Span<Float>, _ link: RowLink, _ kernel: LogitKernel) {
        let maxima = kernel.panelMaxima(of: logits)
        guard let sums = kernel.sums(of: logits, maxima: maxima.span, link) else { return nil }
        self.maxima = maxima
        self.sums = sums
        self.kernel = kernel
    }

    /// Computed probabilities are within 3 ulp, so two of them may be in another order than their
    /// logits: no label of a panel is more likely than that of its largest logit by more than this.
    private static let slack: Float = 1 + 0x1p-20

    /// The `count` most likely labels of the row (all of them when there are fewer), best first,
    /// ties to the lower index. Reads the panels that may hold one of them: about `count`.
    func best(_ count: Int, of logits: Span<Float>) -> [RankedLabel<Float>] {
        var best = BestCandidates<Float>(capacity: min(count, logits.count))
        guard best.capacity > 0 else { return [] }
        let bounds = probabilities(of: maxima.span)
        let floor = Self.floor(bounds, count: best.capacity)
        for (panel, bound) in bounds.enumerated() where bound * Self.slack >= floor {
            if let threshold = best.threshold, bound * Self.slack <= threshold { continue }
            let first = panel * LogitKernel.panelClassCount
            let end = min(first + LogitKernel.panelClassCount, logits.count)
            let values = probabilities(of: logits.extracting(first..<end))
            for (lane, value) in values.enumerated() { best.insert(first + lane, value) }
        }
        return best.sorted()
    }

    /// A probability that `count` labels reach, as the largest of as many panels do; 0 where there
    /// are fewer panels.
    private static func floor(_ bounds: [Float], count: Int) -> Float {
        guard bounds.count >= count else { return 0 }
        var best = BestCandidates<Float>(capacity: count)
        for (panel, bound) in bounds.enumerated() { best.insert(panel, bound) }
        return best.threshold ?? 0
    }

    /// Largest residual that is summed: from here on one less what is listed has lost no more than
    /// six of a float's bits.
    private static let largestSummedResidual = 0x1p-6

    /// The probability of all labels of the row but the best ones, which are listed. Where that is
    /// little the other labels' own sums tell it, after one more reading of the row: a difference
    /// would have no digits left.
    func residual(
        besides listed: some Collection<RankedLabel<Float>>, of logits: Span<Float>
    ) -> Double {
        if listed.isEmpty { return 1 }
        let rest = listed.reduce(1.0) { $0 - Double($1.value) }
        if rest > Self.largestSummedResidual { return rest }
        let others = Residual.others(than: listed.lazy.map(\.index), of: logits)
        if others.isEmpty { return 0 }
        let maxima = kernel.panelMaxima(of: others.span)
        return kernel.sums(of: others.span, maxima: maxima.span, sums.link)?.share(of: sums) ?? 0
    }

    /// Some labels of the row with their probabilities; without any, as in most requests, nothing
    /// is computed.
    func labels(_ indices: [Int], of logits: Span<Float>) -> [RankedLabel<Float>] {
        if indices.isEmpty { return [] }
        let wanted = indices.map { logits[$0] }
        return zip(indices, probabilities(of: wanted.span)).map {
            RankedLabel(index: $0, value: $1)
        }
    }

    /// The probabilities of some logits of the row.
    func probabilities(of logits: Span<Float>) -> [Float] {
        [Float](count: logits.count) { kernel.probabilities(of: logits, sums, into: &$0) }
    }
}
