internal import Glibc
internal import Predictions

/// The quality of a model's probabilities on rows whose labels are known.
package struct CalibrationFigures: Sendable {
    package internal(set) var reliability = Reliability()
    /// Sums over rows of −log p of the true label, and of the entropy; in nats.
    private var surprise = 0.0
    private var entropy = 0.0

    package var rowCount: Int { reliability.rowCount }
    package var accuracy: Double { reliability.accuracy }
    /// The mean of −log p of the true label, in nats; infinite where one has a probability that
    /// float32 holds as 0.
    package var negativeLogLikelihood: Double { surprise / Double(rowCount) }
    /// The mean over the rows of −log p − H: see `TemperatureFit`.
    var excess: Double { (surprise - entropy) / Double(rowCount) }

    mutating func add(_ score: LabelScore, entropy rowEntropy: Double) {
        reliability.add(maxProbability: score.maxProbability, isHit: score.isBest)
        surprise -= log(score.probability)
        entropy += rowEntropy
    }
}

/// The sizes of prediction sets to expect at one coverage.
package struct SetSizes: Sendable, Equatable {
    package let coverage: Double
    /// The largest score that belongs; nil where all labels do.
    package let threshold: Double?
    /// Ascending, one a row that was looked at; at least one. A set that was cut counts as many as
    /// it lists.
    package let sizes: [Int]

    package var mean: Double { Double(sizes.reduce(0, +)) / Double(sizes.count) }
    package var median: Int { sizes[(sizes.count - 1) / 2] }
    package var largest: Int { sizes[sizes.count - 1] }
}
