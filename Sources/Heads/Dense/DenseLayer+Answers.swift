internal import LogitKernels
internal import Predictions

extension DenseLayer {
    /// Logits of a batch, and of one of its rows, from which on writing them costs more than
    /// computing some of them twice: they leave the caches.
    private static let largeBatch = 1 << 18
    private static let largeRow = 1 << 14

    /// The answers that follow from the layer's outputs as logits; with `areScores` they have the
    /// outputs too. Where rows are long and need few of their logits, these are never in memory,
    /// and the answers have the same bytes.
    func answers(
        _ features: FeatureRows, _ link: RowLink, areScores: Bool = false, _ options: [RowOptions],
        _ context: ComputeContext
    ) -> [RowOutcome] {
        let kernel = context.kernel
        if let range = features.matrixRange, isRecomputed(options, link) {
            let inputs = features.dense
            let digests = digests(
                inputs.span.extracting(range), rowCount: features.count, link, kernel)
            return context.map(rowCount: features.count) { row in
                let logits = ComputedLogits(
                    layer: self, kernel: kernel, inputs: inputs,
                    first: range.lowerBound + row * inputCount)
                return ExactAnswer.row(
                    logits, RowRanking(digests, row, kernel), areScores: areScores, options[row])
            }
        }
        let logits = apply(features, kernel)
        let digests = kernel.digests(of: logits.span, rowCount: features.count, link)
        let isSmall = logits.count < ExactAnswer.parallelClasses
        return context.map(rowCount: features.count, isSmall: isSmall) { row in
            ExactAnswer.row(
                logits.span.extracting(row * outputCount..<(row + 1) * outputCount),
                RowRanking(digests, row, kernel), areScores: areScores, options[row])
        }
    }

    private func digests(
        _ inputs: Span<Float>, rowCount: Int, _ link: RowLink, _ kernel: LogitKernel
    ) -> RowDigests {
        if let bias {
            return kernel.digests(inputs, rowCount: rowCount, weights, bias: bias.span, link)
        }
        return kernel.digests(inputs, rowCount: rowCount, weights, bias: nil, link)
    }

    /// Whether no row needs more logits than cost less to compute again than all to write. For each
    /// listed label about a panel is computed on one thread, which takes up to sixteen times the
    /// time per input and listed label that a logit takes to be written and read.
    private func isRecomputed(_ options: [RowOptions], _ link: RowLink) -> Bool {
        guard outputCount >= Self.largeRow, options.count * outputCount >= Self.largeBatch else {
            return false
        }
        let isDistribution = link.link == .softmax
        return options.allSatisfy { row in
            if row.wantsProbabilities { return false }
            let ranked = min(row.rankedCount(hasMargin: isDistribution), outputCount)
            let read = ranked + row.labels.count
            guard read <= outputCount / 16 / max(1, inputCount) else { return false }
            guard row.hasDetails else { return true }
            return row.details.predictionSet == nil && row.details.scored == nil
        }
    }
}
