internal import LogitKernels
internal import Predictions

/// One row's way through a cascade, level by level: the best codes of a level below prefixes that
/// are visited best first.
///
/// A factor is at most one, so a prefix's own score bounds those of all codes below it: the search
/// ends where no code of the next prefix can enter. Prefixes read ahead beyond that end count for
/// nothing, so that the answer does not depend on how far ahead was read.
struct CascadeRow {
    /// The parameters of the search of a level.
    struct Level {
        let level: CascadeLevel
        let activation: HeadActivation
        /// Codes that are kept, at most.
        let capacity: Int
        /// Codes from here on are not kept.
        let codeLimit: Int
        /// Whether scores are rounded to float32 before they are compared: the answer's are.
        let isLast: Bool
    }

    /// The reason that there is no answer.
    private(set) var failure: RowOutcome?
    /// Prefixes that the row visits in the next wave.
    private(set) var planned: [CascadePrefix] = []

    private var prefixes = RankedPrefixes([])
    private var best = BestCandidates<Double>(capacity: 0)
    private var visitedCount = 0

    /// A row that has no prefixes.
    init() {}

    /// `groups` are the logits of all groups.
    init(
        groups: ArraySlice<Float>, beam: Int, _ activation: HeadActivation, _ kernel: LogitKernel
    ) {
        let isFinite = areFinite(groups.span)
        failure = isFinite ? nil : .overflow
        if isFinite { prefixes = RankedPrefixes(groups, beam: beam, activation, kernel) }
    }

    /// Gives up a row that is not wanted any more.
    mutating func abandon() {
        failure = .notWanted
        planned = []
    }

    /// Starts the search of a level below the prefixes kept so far.
    mutating func enter(_ level: Level) {
        best = BestCandidates(capacity: level.capacity)
        visitedCount = 0
    }

    /// Makes the codes found the prefixes of the next level.
    mutating func descend() {
        prefixes = RankedPrefixes(
            best.sorted().map { CascadePrefix(code: $0.index, score: $0.value) })
    }

    var outcome: RowOutcome {
        if let failure { return failure }
        return .prediction(
            Prediction(
                top: best.sorted().map { Candidate(index: $0.index, score: Float($0.value)) }))
    }

    /// Plans to visit up to `count` more prefixes; none when the search has ended.
    mutating func plan(_ count: Int, _ level: Level) {
        planned.removeAll(keepingCapacity: true)
        guard failure == nil, level.capacity > 0 else { return }
        while planned.count < count, visitedCount + planned.count < prefixes.count {
            let next = prefixes[visitedCount + planned.count]
            guard canEnter(next, level) else { return }
            planned.append(next)
        }
    }

    /// Visits the planned prefixes: the scores of rank r begin at `places[r]`·`stride`.
    mutating func visit(
        _ scores: Span<Float>, _ places: ArraySlice<Int>, stride: Int, _ level: Level,
        _ kernel: LogitKernel
    ) {
        for (prefix, place) in zip(planned, places) where canEnter(prefix, level) {
            let codes = level.level.candidates(of: prefix.code)
            let logits = scores.extracting(place * stride..<place * stride + codes.count)
            guard areFinite(logits) else {
                failure = .overflow
                return
            }
            offer(logits, from: codes.lowerBound, below: prefix.score, level, kernel)
            visitedCount += 1
        }
    }

    private func canEnter(_ prefix: CascadePrefix, _ level: Level) -> Bool {
        guard let worst = best.threshold else { return true }
        return level.rounded(prefix.score) >= worst
    }

    /// Takes exponentials only of logits that may enter.
    private mutating func offer(
        _ logits: Span<Float>, from first: Int, below score: Double, _ level: Level,
        _ kernel: LogitKernel
    ) {
        let law = level.activation.law(logits, kernel)
        let count = max(0, min(logits.count, level.codeLimit - first))
        var worst = best.threshold
        var least = worst.map { law.leastLogit(score: $0, prefix: score) } ?? -.infinity
        for index in 0..<count where logits[index] >= least {
            best.insert(first + index, level.rounded(score * law.factor(logits[index])))
            guard best.threshold != worst, let new = best.threshold else { continue }
            worst = new
            least = law.leastLogit(score: new, prefix: score)
        }
    }
}

extension CascadeRow.Level {
    /// A score in the precision it is compared in.
    func rounded(_ score: Double) -> Double { isLast ? Double(Float(score)) : score }
}
