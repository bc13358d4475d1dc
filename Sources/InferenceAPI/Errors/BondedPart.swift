/// A part of a request without which a parameter has no effect.
package enum NeededPart: Sendable, Hashable, CustomStringConvertible {
    /// Labels in the answer.
    case labels
    case certificate
    case quantiles

    package var description: String {
        switch self {
        case .labels:
            "the answer lists no probability that it applies to; ask for a top_k of 1 or more, or "
                + "for labels"
        case .certificate: "it is the error level of certify; add certify, or leave it out"
        case .quantiles:
            "no quantiles are asked for; add 'quantiles' to outputs, or leave the levels out"
        }
    }
}

/// A part of a request that a certificate cannot stand beside.
package enum ContradictedPart: Sendable, Hashable, CustomStringConvertible {
    case tolerance
    case quasiMonteCarlo

    package var description: String {
        switch self {
        case .tolerance:
            "samples end either when the leader is proven or at a tolerance; leave one of them out"
        case .quasiMonteCarlo:
            "only independent draws prove a leader; choose the estimator auto or monte-carlo"
        }
    }
}
