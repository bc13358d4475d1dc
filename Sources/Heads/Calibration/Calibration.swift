package import LogitKernels
package import Predictions

/// A model's scores on rows whose labels are known, by which labels belong to its prediction sets,
/// and the temperature that was fitted to these rows.
///
/// One calibration serves every coverage.
package struct Calibration: Sendable, Equatable {
    package var method: PredictionSetRule.Method
    /// Seconds of a date in UTC, as `2026-12-01T09:30:00Z`.
    package var date: String
    /// The algorithm that computed the rows' probabilities.
    package var estimator: Estimator
    /// Samples of each row; 0 where none are drawn.
    package var samples: Int
    /// The seed of each row, at most 2⁵³.
    package var seed: Int
    /// The format in which the weight matrices were held in memory.
    package var weights = WeightFormat.float32
    /// λ and k_reg of RAPS.
    package var rankPenalty = defaultRankPenalty
    package var rankLimit = defaultRankLimit
    /// The temperature that the logits of a dense or MHS head are divided by, behind that of
    /// `model.json`; nil where none was fitted.
    package var temperature: Double?
    /// The model that the scores are of; nil for the checkpoint that the calibration is part of.
    package var origin: ModelDigests?
    /// The scores of the true labels, ascending, finite and not negative; at least one.
    package internal(set) var scores: [Double]

    package static let defaultRankPenalty = 0.01
    package static let defaultRankLimit = 5
    /// Scores that a calibration may have. The coverage that is met in the end scatters by
    /// √(c(1 − c)/n): by less than 0.0005 with as many.
    package static let maxRowCount = 1_000_000
    /// Seeds are numbers of JSON, of which every reader makes the same up to here.
    package static let maxSeed = 1 << 53

    /// - Parameter scores: in any order; finite and not negative, from one to `maxRowCount`.
    package init(
        method: PredictionSetRule.Method, date: String, estimator: Estimator, samples: Int,
        seed: Int, scores: [Double]
    ) {
        (self.method, self.date, self.estimator) = (method, date, estimator)
        (self.samples, self.seed) = (samples, seed)
        self.scores = scores.sorted()
    }

    package var rowCount: Int { scores.count }

    /// The rule of the sets that contain the true label of a new row with probability `coverage`,
    /// in (0, 1), if it is exchangeable with the calibration's rows.
    package func rule(coverage: Double) -> PredictionSetRule {
        PredictionSetRule(
            method: method, coverage: coverage, threshold: threshold(coverage: coverage),
            rankPenalty: rankPenalty, rankLimit: rankLimit)
    }

    /// The ⌈(n + 1) · coverage⌉-th smallest score; nil, for all labels, where there are fewer.
    func threshold(coverage: Double) -> Double? {
        let rank = CoverageRank.rank(of: coverage, rowCount: scores.count)
        return rank <= scores.count ? scores[rank - 1] : nil
    }
}

/// The files that a model consists of, as lower-case hexadecimal SHA-256.
package struct ModelDigests: Sendable, Equatable {
    /// See `Checkpoint.digest`.
    package var checkpoint: String
    /// The bytes of `model.json`; nil for a lone checkpoint.
    package var manifest: String?
}
