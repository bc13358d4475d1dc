package import Heads
package import Predictions

/// The part that `headserve bench` measures.
package enum BenchKind: String, CaseIterable, Sendable {
    /// The dense logit kernel alone.
    case logits
    /// Whole predictions of a head, without HTTP.
    case hetXL = "het-xl"
    case mhp, mhc, mhs
    /// The texts of a prediction alone.
    case json
    /// Requests over HTTP.
    case http

    package static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// Sizes of a measurement. A kind uses only some of them.
package struct BenchShape: Encodable, Sendable {
    /// Width of a row, D.
    var features: Int
    /// Labels, K.
    var classes: Int
    /// Rows of a call, B.
    var rows: Int
    /// Factors of the noise, R.
    var factors: Int
    /// Samples of the noise, S; with a tolerance the most of them.
    var samples: Int
    /// The rule that draws them.
    var estimator: EstimatorChoice
    /// The standard error at which a row's samples end; nil draws all.
    var tolerance: Double?
    var noise: DiagonalNoise
    /// Groups of MHC, or values of MHP's first digit.
    var groups: Int
    /// Width of MHC's embeddings.
    var hidden: Int
    /// Groups that MHC searches.
    var beam: Int

    package init(
        features: Int, classes: Int, rows: Int, factors: Int, samples: Int,
        estimator: EstimatorChoice, tolerance: Double? = nil, noise: DiagonalNoise, groups: Int,
        hidden: Int, beam: Int
    ) {
        self.features = features
        self.classes = classes
        self.rows = rows
        self.factors = factors
        self.samples = samples
        self.estimator = estimator
        self.tolerance = tolerance
        self.noise = noise
        self.groups = groups
        self.hidden = hidden
        self.beam = beam
    }

    package var isPositive: Bool {
        [features, classes, rows, samples, groups, hidden, beam].allSatisfy { $0 > 0 }
            && factors >= 0
    }

    /// Labels of a group of MHC, or values of MHP's second digit. The last group may have fewer.
    var groupSize: Int { (classes + groups - 1) / groups }
}

extension DiagonalNoise: Encodable {}
extension EstimatorChoice: Encodable {}
