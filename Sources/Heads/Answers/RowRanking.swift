internal import LogitKernels

/// A row of logits in brief: its sums, and its largest logits by panel and by piece.
struct RowRanking {
    let sums: RowSums
    private let digests: RowDigests
    private let row: Int
    private let kernel: LogitKernel

    /// Nil when a logit of the row is not finite.
    init?(_ digests: RowDigests, _ row: Int, _ kernel: LogitKernel) {
        guard let sums = digests.sums(row) else { return nil }
        (self.sums, self.digests, self.row, self.kernel) = (sums, digests, row, kernel)
    }

    /// Computed probabilities are within 3 ulp, so two of them may be in another order than their
    /// logits: no label of a panel is more likely than that of its largest logit by more than this.
    private static let slack: Float = 1 + 0x1p-20

    /// Panels of a piece from which on the piece is read as a whole.
    private static let manyPanels = 8

    /// The `count` most likely labels of the row (all of them when there are fewer), best first,
    /// ties to the lower index. Reads the panels that may hold one of them: about `count`.
    func best(_ count: Int, of logits: some RowLogits & ~Escapable) -> [RankedLabel<Float>] {
        var best = BestCandidates<Float>(capacity: min(count, logits.count))
        guard best.capacity > 0 else { return [] }
        let panels = likelyPanels(count: best.capacity)
        let perPiece = LogitKernel.pieceClassCount / LogitKernel.panelClassCount
        var next = 0
        while next < panels.count {
            let piece = panels[next].index / perPiece
            var end = next
            while end < panels.count, panels[end].index / perPiece == piece { end += 1 }
            if end - next < Self.manyPanels {
                for place in next..<end {
                    read(panels[place..<place + 1], logits, into: &best)
                }
            } else {
                read(panels[next..<end], logits, into: &best)
            }
            next = end
        }
        return best.sorted()
    }

    /// Offers the labels of some ascending panels, which are read at once, unless none is likely
    /// enough.
    private func read(
        _ panels: ArraySlice<RankedLabel<Float>>, _ logits: some RowLogits & ~Escapable,
        into best: inout BestCandidates<Float>
    ) {
        let threshold = best.threshold ?? -1
        let likely = panels.filter { $0.value * Self.slack > threshold }
        guard let first = likely.first, let last = likely.last else { return }
        let start = first.index * LogitKernel.panelClassCount
        let end = min((last.index + 1) * LogitKernel.panelClassCount, logits.count)
        let values = logits.read(start..<end) { probabilities(of: $0) }
        for (lane, value) in values.enumerated() { best.insert(start + lane, value) }
    }

    /// The panels that may hold one of the `count` most likely labels, ascending, with the
    /// probabilities of their largest logits. Pieces that hold none are passed over as a whole. All
    /// panels are likely where they are no more than labels.
    private func likelyPanels(count: Int) -> [RankedLabel<Float>] {
        let maxima = digests.panelMaxima(row)
        if maxima.count <= count {
            return maxima.indices.map {
                RankedLabel(index: $0 - maxima.startIndex, value: .infinity)
            }
        }
        let pieces = probabilities(of: digests.pieceMaxima(row).span)
        let floor = Self.floor(pieces, count: count)
        let perPiece = LogitKernel.pieceClassCount / LogitKernel.panelClassCount
        var panels: [RankedLabel<Float>] = []
        for (piece, bound) in pieces.enumerated() where bound * Self.slack >= floor {
            let first = piece * perPiece
            let range = first..<min(first + perPiece, maxima.count)
            let bounds = maxima.span.extracting(range)
            for (place, bound) in probabilities(of: bounds).enumerated() {
                panels.append(RankedLabel(index: first + place, value: bound))
            }
        }
        let least = Self.floor(panels.map(\.value), count: count)
        return panels.filter { $0.value * Self.slack >= least }
    }

    /// A probability that `count` labels reach, as the largest of as many panels or pieces do.
    private static func floor(_ bounds: [Float], count: Int) -> Float {
        if bounds.count < count { return 0 }
        var best = BestCandidates<Float>(capacity: count)
        for (place, bound) in bounds.enumerated() { best.insert(place, bound) }
        return best.threshold ?? 0
    }

    /// Largest residual that is summed: from here on one less what is listed has lost no more than
    /// six of a float's bits.
    private static let largestSummedResidual = 0x1p-6

    /// The probability of all labels of the row but the best ones, which are listed. Where that is
    /// little the other labels' own sums tell it: a difference would have no digits left. Of the
    /// row only the pieces are read that hold a listed label.
    func residual(
        besides listed: some Collection<RankedLabel<Float>>,
        of logits: some RowLogits & ~Escapable
    ) -> Double {
        if listed.isEmpty { return 1 }
        let rest = listed.reduce(1.0) { $0 - Double($1.value) }
        if rest > Self.largestSummedResidual { return rest }
        let indices = listed.map(\.index)
        if logits.count <= LogitKernel.pieceClassCount {
            return others(than: indices, inPiece: 0, of: logits)?.share(of: sums) ?? 0
        }
        let places = Dictionary(grouping: indices) { $0 / LogitKernel.pieceClassCount }
        let parts = places.keys.sorted().compactMap { piece in
            others(than: places[piece] ?? [], inPiece: piece, of: logits)
        }
        return digests.sums(row, without: Set(places.keys), with: parts)?.share(of: sums) ?? 0
    }

    /// The sums of a piece without some of its labels; nil if these are all.
    private func others(
        than listed: [Int], inPiece piece: Int, of logits: some RowLogits & ~Escapable
    ) -> RowSums? {
        let first = piece * LogitKernel.pieceClassCount
        let end = min(first + LogitKernel.pieceClassCount, logits.count)
        let others = logits.read(first..<end) {
            Residual.others(than: listed.map { $0 - first }, of: $0)
        }
        if others.isEmpty { return nil }
        return kernel.digests(of: others.span, rowCount: 1, sums.link).sums(0)
    }

    /// Some labels of the row with their probabilities; without any, as in most requests, nothing
    /// is computed.
    func labels(
        _ indices: [Int], of logits: some RowLogits & ~Escapable
    ) -> [RankedLabel<Float>] {
        if indices.isEmpty { return [] }
        let wanted = indices.map { index in logits.read(index..<index + 1) { $0[0] } }
        return zip(indices, probabilities(of: wanted.span)).map {
            RankedLabel(index: $0, value: $1)
        }
    }

    /// The probabilities of some logits of the row.
    func probabilities(of logits: Span<Float>) -> [Float] {
        [Float](count: logits.count) { kernel.probabilities(of: logits, sums, into: &$0) }
    }
}
