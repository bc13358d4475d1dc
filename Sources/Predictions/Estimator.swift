/// The algorithm that computed an answer.
package enum Estimator: String, Sendable, CaseIterable {
    /// A closed form: nothing was sampled.
    case exact
    /// An integral over one variable, by a rule whose error is far below that of float32: nothing
    /// was sampled.
    case quadrature
    /// Independent draws.
    case monteCarlo = "monte-carlo"
    case quasiMonteCarlo = "quasi-monte-carlo"

    /// Whether a request may ask for it; what needs no samples is taken wherever it can be.
    var isSampling: Bool { self == .monteCarlo || self == .quasiMonteCarlo }
}

/// The algorithm that a request asks for.
package enum EstimatorChoice: Sendable, Hashable, RawRepresentable, CaseIterable {
    /// The server's choice, by model and parameters.
    case auto
    case only(Estimator)

    package static let allCases =
        [.auto] + Estimator.allCases.filter(\.isSampling).map(EstimatorChoice.only)

    private static let autoName = "auto"

    package init?(rawValue: String) {
        guard rawValue != Self.autoName else {
            self = .auto
            return
        }
        guard let estimator = Estimator(rawValue: rawValue), estimator.isSampling else {
            return nil
        }
        self = .only(estimator)
    }

    package var rawValue: String {
        switch self {
        case .auto: Self.autoName
        case .only(let estimator): estimator.rawValue
        }
    }
}
