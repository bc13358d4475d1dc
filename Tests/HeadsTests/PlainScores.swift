import Predictions

/// Conformal scores by sorting all labels, in the order of definition.
struct PlainScores {
    /// Labels best first.
    let order: [Int]
    /// One a label.
    let scores: [Double]

    /// `isBefore` ranks labels of different places.
    init(_ p: [Double], _ rule: PredictionSetRule, isBefore: (Int, Int) -> Bool) {
        order = p.indices.sorted(by: isBefore)
        var scores = [Double](repeating: 0, count: p.count)
        var mass = 0.0
        for (place, label) in order.enumerated() {
            mass += p[label]
            switch rule.method {
            case .lac: scores[label] = 1 - p[label]
            case .aps: scores[label] = mass
            case .raps:
                scores[label] =
                    mass + rule.rankPenalty * Double(max(0, place + 1 - rule.rankLimit))
            }
        }
        self.scores = scores
    }

    /// Ties go to the lower label.
    init(_ p: [Double], _ rule: PredictionSetRule) {
        self.init(p, rule) { (p[$0], $1) > (p[$1], $0) }
    }

    /// The labels that belong, best first; the best alone where none does.
    func labels(_ threshold: Double?) -> [Int] {
        let passing = order.filter { label in threshold.map { scores[label] <= $0 } ?? true }
        return passing.isEmpty ? [order[0]] : passing
    }
}

extension PredictionSetRule {
    static func of(
        _ method: Method, _ threshold: Double? = nil, rankPenalty: Double = 0.01,
        rankLimit: Int = 5
    ) -> PredictionSetRule {
        PredictionSetRule(
            method: method, coverage: 0.9, threshold: threshold, rankPenalty: rankPenalty,
            rankLimit: rankLimit)
    }

    /// Every method, RAPS with a weak and with a strong penalty.
    static let everyMethod: [PredictionSetRule] = [
        .of(.lac), .of(.aps), .of(.raps), .of(.raps, rankPenalty: 0.25, rankLimit: 1),
    ]

    func with(_ threshold: Double?) -> PredictionSetRule {
        var rule = self
        rule.threshold = threshold
        return rule
    }
}
