internal import LogitKernels

/// Top-k under the cascade's ranking score: the product of a group's factor and the local ones.
///
/// Groups outside the beam are absent, not zero. Labels are visited once each, so there are no
/// duplicates; codes that are no label (pads among them) are never visited.
struct CascadeSearch {
    let head: CascadeHead
    let inputs: CascadeHidden
    let kernel: LogitKernel

    func outcome(_ options: RowOptions) -> RowOutcome {
        let best = top(options.topK)
        guard let best else { return .overflow }
        return .prediction(
            Prediction(top: best.map { Candidate(index: $0.index, score: $0.value) }))
    }

    /// The best `count` labels; nil when a logit was not finite.
    private func top(_ count: Int) -> [RankedLabel<Float>]? {
        guard inputs.groupLogits.allSatisfy(\.isFinite) else { return nil }
        guard count > 0 else { return [] }
        let groups = head.activation.factors(inputs.groupLogits)
        var prefixes = kept(Array(zip(groups.indices, groups)))
        for (level, hidden) in zip(head.levels, inputs.hidden).dropLast() {
            guard let next = extend(prefixes, level, hidden) else { return nil }
            prefixes = kept(next)
        }
        return search(prefixes, count)
    }

    /// A code of some level with the product of its factors.
    private typealias Prefix = (code: Int, score: Double)

    /// The beam's prefixes, best first, ties to the lower code.
    private func kept(_ prefixes: [Prefix]) -> [Prefix] {
        let sorted = prefixes.sorted { ($0.score, $1.code) > ($1.score, $0.code) }
        return head.keepsAllGroups ? sorted : Array(sorted.prefix(head.beam))
    }

    /// All codes of a level below the given prefixes; nil when a logit was not finite.
    private func extend(
        _ prefixes: [Prefix], _ level: CascadeLevel, _ hidden: [Float]
    ) -> [Prefix]? {
        var next: [Prefix] = []
        for prefix in prefixes {
            let codes = level.candidates(of: prefix.code)
            guard let factors = factors(codes, level, hidden) else { return nil }
            next.append(contentsOf: zip(codes, factors).map { ($0, prefix.score * $1) })
        }
        return next
    }

    /// Visits the last level's prefixes best first and stops when no label below the next one can
    /// enter: local factors are at most one, so its own score bounds its labels'.
    private func search(_ prefixes: [Prefix], _ count: Int) -> [RankedLabel<Float>]? {
        guard let level = head.levels.last, let hidden = inputs.hidden.last else { return [] }
        var best = BestCandidates<Float>(capacity: min(count, head.radix.classCount))
        for prefix in prefixes {
            if let threshold = best.threshold, Float(prefix.score) < threshold { break }
            let codes = level.candidates(of: prefix.code)
            guard let factors = factors(codes, level, hidden) else { return nil }
            for (code, factor) in zip(codes, factors) where code < head.radix.classCount {
                best.insert(code, Float(prefix.score * factor))
            }
        }
        return best.sorted()
    }

    private func factors(
        _ codes: Range<Int>, _ level: CascadeLevel, _ hidden: [Float]
    ) -> [Double]? {
        let logits = level.embedding.scores(codes, hidden, kernel)
        return logits.allSatisfy(\.isFinite) ? head.activation.factors(logits) : nil
    }
}
