internal import LogitKernels
internal import Predictions

/// p(y) by the chain rule over all groups: softmax over the groups times softmax within each
/// level, conditioned on the code being a label.
///
/// The condition goes into the logits: that of a code is raised by the logarithm of m, the share of
/// its mass that lies on labels, and codes without labels are left out. Labels are the first codes
/// of their level, so that at most the last code of a level has a share other than 1. There is no
/// division by a mass, which could be too small for a number.
struct CascadeDistribution {
    let cascade: Cascade
    let groupLogits: ArraySlice<Float>
    /// One vector a level.
    let hidden: [[Float]]
    let kernel: LogitKernel

    /// Cost O(h·K), an exponential in float32 for each code.
    func outcome(_ options: RowOptions) -> RowOutcome {
        var levels = [Array(groupLogits)]
        for (level, hidden) in zip(cascade.levels, hidden) {
            levels.append(level.embedding.scores(0..<level.embedding.rowCount, hidden, kernel))
        }
        guard levels.allSatisfy({ areFinite($0.span) }) else { return .overflow }
        condition(&levels)
        var law = levels[0]
        var entropy = softmax(&law)
        for (level, logits) in zip(cascade.levels, levels.dropFirst()) {
            entropy += extend(&law, level, logits)
        }
        return ExactAnswer.distribution(law, entropy: entropy, options)
    }

    /// Cuts each level to the codes that have labels, and raises the last one's logit.
    private func condition(_ levels: inout [[Float]]) {
        var liveCount = cascade.radix.classCount
        // ln m of the last code.
        var share = 0.0
        for index in levels.indices.reversed() {
            let parent = index > 0 ? (liveCount - 1) / cascade.levels[index - 1].size : 0
            let all = index > 0 ? cascade.levels[index - 1].candidates(of: parent) : 0..<0
            let whole = logSumExp(levels[index], all)
            levels[index].removeSubrange(liveCount...)
            levels[index][liveCount - 1] += Float(share)
            if share != 0 || liveCount < all.upperBound {
                share = logSumExp(levels[index], all.clamped(to: 0..<liveCount)) - whole
            }
            liveCount = parent + 1
        }
    }

    private func logSumExp(_ logits: [Float], _ places: Range<Int>) -> Double {
        places.isEmpty ? 0 : kernel.logSumExp(logits.span.extracting(places))
    }

    /// Turns the law over the codes of one level into the law over those of the next; returns the
    /// growth of the entropy.
    private func extend(_ law: inout [Float], _ level: CascadeLevel, _ logits: [Float]) -> Double {
        var next: [Float] = []
        next.reserveCapacity(logits.count)
        var local: [Float] = []
        var entropy = 0.0
        for (prefix, probability) in law.enumerated() {
            local.removeAll(keepingCapacity: true)
            let codes = level.candidates(of: prefix).clamped(to: logits.indices)
            local.append(contentsOf: logits[codes])
            entropy += Double(probability) * softmax(&local)
            for value in local { next.append(probability * value) }
        }
        law = next
        return entropy
    }

    /// Softmax in place; returns its entropy.
    private func softmax(_ values: inout [Float]) -> Double {
        var span = values.mutableSpan
        return kernel.softmax(&span).entropy
    }
}
