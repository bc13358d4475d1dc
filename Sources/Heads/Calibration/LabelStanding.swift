internal import Predictions

/// The place of a label among all labels of a row, by probability, ties to the lower index.
struct LabelStanding: Equatable {
    /// In double, whatever the precision that the head has it in.
    var probability = 0.0
    /// From 1.
    var rank = 0
    /// The probability of all labels up to this one, summed in the order of their ranks.
    var mass = 0.0

    /// Goes on to the next label of the ranking.
    mutating func advance(to probability: Double) {
        self.probability = probability
        rank += 1
        mass += probability
    }
}

extension PredictionSetRule {
    /// The score of a label; no label's score is below that of one ranked before it. There is no
    /// randomisation: the same row has the same scores.
    func score(_ standing: LabelStanding) -> Double {
        switch method {
        case .lac: lacScore(standing.probability)
        case .aps: standing.mass
        case .raps:
            standing.mass + rankPenalty * Double(max(0, standing.rank - rankLimit))
        }
    }

    /// The score of LAC, 1 − p.
    func lacScore(_ probability: Double) -> Double { 1 - probability }

    /// Whether a label of some score belongs to the set.
    func admits(_ score: Double) -> Bool { threshold.map { score <= $0 } ?? true }
}
