/// The agreement of probabilities with the share of rows that they come true for: rows in bins of
/// equal width by their largest probability (Guo et al., 2017).
package struct Reliability: Sendable, Equatable {
    /// Rows of one bin.
    package struct Bin: Sendable, Equatable {
        package fileprivate(set) var rowCount = 0
        /// Rows whose best label is the true one.
        package fileprivate(set) var hitCount = 0
        /// The sum of the largest probabilities.
        fileprivate var sum = 0.0

        /// The share of hits; 0 of no rows.
        package var accuracy: Double { rowCount > 0 ? Double(hitCount) / Double(rowCount) : 0 }
        /// The mean of the largest probabilities; 0 of no rows.
        package var confidence: Double { rowCount > 0 ? sum / Double(rowCount) : 0 }
    }

    /// Bins of (0, 1/15], (1/15, 2/15], …
    package private(set) var bins = [Bin](repeating: Bin(), count: binCount)
    package static let binCount = 15

    package init() {}

    package mutating func add(maxProbability: Double, isHit: Bool) {
        let place = (maxProbability * Double(Self.binCount)).rounded(.up) - 1
        // A sum of roundings may be above 1.
        let index = Int(min(max(place, 0), Double(Self.binCount - 1)))
        bins[index].rowCount += 1
        bins[index].hitCount += isHit ? 1 : 0
        bins[index].sum += maxProbability
    }

    package var rowCount: Int { bins.reduce(0) { $0 + $1.rowCount } }

    /// The share of all rows whose best label is the true one; at least one row.
    package var accuracy: Double {
        Double(bins.reduce(0) { $0 + $1.hitCount }) / Double(rowCount)
    }

    /// The expected calibration error: the mean over all rows of their bin's difference of accuracy
    /// and confidence; at least one row.
    package var calibrationError: Double {
        bins.reduce(0) { sum, bin in
            sum + Double(bin.rowCount) / Double(rowCount) * abs(bin.accuracy - bin.confidence)
        }
    }
}
