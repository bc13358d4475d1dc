internal import Glibc

/// Entropies of exact distributions, in nats.
enum Entropy {
    /// −Σ p ln p, with 0 ln 0 = 0.
    static func ofDistribution(_ probabilities: [Double]) -> Double {
        probabilities.reduce(0) { $0 + term($1) }
    }

    /// Σ of the binary entropies of independent labels.
    static func ofLabels(_ probabilities: [Double]) -> Double {
        probabilities.reduce(0) { $0 + term($1) + term(1 - $1) }
    }

    /// The largest that there is, of a uniform distribution or of labels that are as likely as not:
    /// an estimate without bias may lie above it.
    static func most(classCount: Int, isDistribution: Bool) -> Double {
        isDistribution ? log(Double(classCount)) : Double(classCount) * log(2)
    }

    private static func term(_ probability: Double) -> Double {
        probability > 0 ? -probability * log(probability) : 0
    }
}
