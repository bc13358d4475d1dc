internal import Predictions

/// The law of one row's probabilities over the noise, as far as answers tell it: the mean over the
/// members of a head of what holds for each of them. Members are strata, as in `EnsembleMoments`.
struct RowLaw: Sendable {
    private(set) var means: [Double]
    private(set) var variances: [Double]
    /// In nats.
    private(set) var expectedEntropy: Double

    /// At least one member, all of one number of classes.
    init(_ members: [RowLaw]) {
        self = members[0]
        guard members.count > 1 else { return }
        for member in members.dropFirst() {
            for k in means.indices {
                means[k] += member.means[k]
                variances[k] += member.variances[k]
            }
            expectedEntropy += member.expectedEntropy
        }
        let count = Double(members.count)
        for k in means.indices {
            means[k] /= count
            variances[k] /= count
        }
        expectedEntropy /= count
    }

    /// One member's own.
    init(means: [Double], variances: [Double], expectedEntropy: Double) {
        (self.means, self.variances) = (means, variances)
        self.expectedEntropy = expectedEntropy
    }

    /// No error of an estimate, and the deviation over the noise.
    func spread(ofClass k: Int) -> SamplingSpread {
        let probability = Float(means[k])
        return SamplingSpread(
            standardError: 0, interval: probability...probability,
            standardDeviation: Float(variances[k].squareRoot()))
    }
}
