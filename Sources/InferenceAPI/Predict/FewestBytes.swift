internal import Predictions

/// Bytes that the parts of a JSON answer have at least, for telling beforehand that one cannot fit.
/// In Double, because an MHP may have almost 2⁶³ classes.
enum FewestBytes {
    /// An entry of `top_k`, `labels` or a prediction set, and a number of `probabilities`.
    private static let label = 39.0
    private static let number = 2.0
    /// The name of a list of numbers with its quotes, its colon and the brackets, beside the
    /// numbers themselves with a comma each: the comma before the name stands for the last one's.
    private static let (quantiles, histogram) = (14.0, 14.0)
    private static let levels = 20.0
    /// A level has a leading zero and a dot, or an exponent.
    private static let level = 4.0
    private static let (voteShare, abstain) = (15.0, 15.0)
    /// A prediction set of one label without it.
    private static let set = 102.0

    /// The answer for one row.
    static func row(_ row: RowOptions, classCount: Int) -> Double {
        var bytes = 0.0
        var entry = label
        if row.hasDetails {
            let details = row.details
            entry += profile(details)
            bytes += decisions(details)
        }
        bytes += (Double(min(row.topK, classCount)) + Double(row.labels.count)) * entry
        if row.wantsProbabilities { bytes += Double(classCount) * number }
        return bytes
    }

    /// The law of an entry's probability over the noise.
    private static func profile(_ details: RowDetails) -> Double {
        var bytes = 0.0
        if !details.quantileLevels.isEmpty {
            bytes += quantiles + Double(details.quantileLevels.count) * number
        }
        if details.wantsHistogram { bytes += histogram + Double(NoiseProfile.binCount) * number }
        if details.wantsVoteShare { bytes += voteShare }
        return bytes
    }

    /// Fields that an answer has once.
    private static func decisions(_ details: RowDetails) -> Double {
        var bytes = 0.0
        if !details.quantileLevels.isEmpty {
            bytes += levels + Double(details.quantileLevels.count) * level
        }
        if details.predictionSet != nil { bytes += set + label }
        if details.abstainBelow != nil { bytes += abstain }
        return bytes
    }
}
