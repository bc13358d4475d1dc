/// The rule by which labels belong to a prediction set of some coverage: those whose score, by
/// `method`, is at most the threshold that a calibration found.
package struct PredictionSetRule: Sendable, Hashable {
    /// A score of how odd a label is for a row; scores of calibration rows are their true labels'.
    package enum Method: String, Sendable, CaseIterable {
        /// 1 − p (Sadinle, Lei and Wasserman, 2019).
        case lac
        /// The probability of all labels that are at least as likely, its own included (Romano,
        /// Sesia and Candès, 2020).
        case aps
        /// The same plus λ for each rank beyond `rankLimit` (Angelopoulos et al., 2021).
        case raps
    }

    package var method: Method
    /// The share of rows whose true label is to be in the set, in (0, 1).
    package var coverage: Double
    /// The largest score of a label that belongs; nil where all labels do.
    package var threshold: Double?
    /// λ of RAPS.
    package var rankPenalty: Double
    /// k_reg of RAPS: labels up to this rank, counted from 1, have no penalty.
    package var rankLimit: Int

    /// Labels that a set lists at most.
    package static let maxLabels = 10_000

    package init(
        method: Method, coverage: Double, threshold: Double?, rankPenalty: Double = 0.01,
        rankLimit: Int = 5
    ) {
        self.method = method
        self.coverage = coverage
        self.threshold = threshold
        self.rankPenalty = rankPenalty
        self.rankLimit = rankLimit
    }
}

/// A prediction set: the labels that a rule lets in, best first. Never empty: where no label
/// passes, the best one alone.
package struct PredictionSet: Sendable, Equatable {
    package var labels: [Candidate]
    package var rule: PredictionSetRule
    /// Whether all labels that belong are listed; false where `PredictionSetRule.maxLabels` cut it.
    package var isComplete: Bool

    package init(labels: [Candidate], rule: PredictionSetRule, isComplete: Bool) {
        self.labels = labels
        self.rule = rule
        self.isComplete = isComplete
    }
}
