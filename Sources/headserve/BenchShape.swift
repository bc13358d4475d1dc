internal import ArgumentParser

/// What `headserve bench` measures.
enum BenchKind: String, CaseIterable, ExpressibleByArgument {
    /// The dense logit kernel alone.
    case logits
    /// Whole predictions of a head, without HTTP.
    case hetXL = "het-xl"
    case mhp, mhc, mhs

    static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// Sizes of a measurement, as far as its kind has them.
struct BenchShape: Encodable {
    /// D.
    var features: Int
    /// K.
    var classes: Int
    /// B.
    var rows: Int
    /// R.
    var factors: Int
    /// S.
    var samples: Int
    /// Groups of MHC, and digits of MHP's first head.
    var groups: Int
    /// Width of MHC's embeddings.
    var hidden: Int
    /// Groups that MHC searches.
    var beam: Int

    var isPositive: Bool {
        [features, classes, rows, samples, groups, hidden, beam].allSatisfy { $0 > 0 }
            && factors >= 0
    }

    /// Labels of a group of MHC, and digits of MHP's second head: the last may be cut short.
    var groupSize: Int { (classes + groups - 1) / groups }
}

/// What a call has to do at the least.
struct BenchWork {
    /// Floating-point operations, a multiply-add counting as two; exponentials are left out.
    var operations: Double
    /// Bytes of weights that are read once a call.
    var weightBytes: Double
}

extension BenchShape {
    /// By the formulas of science.md 1.8 and 4.
    func work(_ kind: BenchKind) -> BenchWork {
        let (d, k, b) = (Double(features), Double(classes), Double(rows))
        let (r, s) = (Double(factors), Double(samples))
        let (g, h) = (Double(groups), Double(hidden))
        let visited = Double(min(beam, groups) * groupSize)
        switch kind {
        case .logits, .mhs:
            return BenchWork(operations: 2 * b * d * k, weightBytes: 4 * d * k)
        case .hetXL:
            let covariance = d * d * (factors == 0 ? 1 : 2)
            let loadings = d * k * (r + 2)
            return BenchWork(
                operations: 2 * b * (covariance + loadings + s * (r + 1) * k),
                weightBytes: 4 * (d * k + covariance))
        case .mhp:
            let codes = g + Double(groupSize)
            return BenchWork(operations: 2 * b * d * codes, weightBytes: 4 * d * codes)
        case .mhc:
            return BenchWork(
                operations: 2 * b * (d * (g + h) + visited * h),
                weightBytes: 4 * (d * (g + h) + visited * h))
        }
    }
}
