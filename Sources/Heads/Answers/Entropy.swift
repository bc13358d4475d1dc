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

/// The entropy that answers tell of probabilities: of one distribution, or of labels that are
/// independent, in nats.
enum EntropyForm {
    case distribution
    case labels

    func value(_ probabilities: [Double]) -> Double {
        switch self {
        case .distribution: Entropy.ofDistribution(probabilities)
        case .labels: Entropy.ofLabels(probabilities)
        }
    }

    /// Minus the second derivative by one probability; 0 where it is infinite, at probabilities
    /// that no sample differs from.
    func curvature(_ probability: Double) -> Double {
        switch self {
        case .distribution:
            return probability > 0 ? 1 / probability : 0
        case .labels:
            let variance = probability * (1 - probability)
            return variance > 0 ? 1 / variance : 0
        }
    }

    /// The largest that there is.
    func most(classCount: Int) -> Double {
        Entropy.most(classCount: classCount, isDistribution: self == .distribution)
    }
}
