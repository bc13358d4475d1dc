internal import Predictions

extension PredictParameters {
    /// Refuses parameters that would have no effect without others, and those that contradict each
    /// other; each may be sound alone. Called as soon as all of them were read.
    func checkBonds(_ fields: RequestFields) throws(RequestError) {
        if tolerance != nil, topK == 0, labels.isEmpty {
            throw .needs(fields.parameter("tolerance"), .labels)
        }
        if topK == 0, labels.isEmpty, outputs.contains(where: { $0 != .probabilities }) {
            throw .needs(fields.parameter("outputs"), .labels)
        }
        if certificate != nil {
            let field = fields.parameter("certify")
            if tolerance != nil { throw .conflict(field, .tolerance) }
            if estimator == .only(.quasiMonteCarlo) { throw .conflict(field, .quasiMonteCarlo) }
        } else if delta != nil {
            throw .needs(fields.parameter("delta"), .certificate)
        }
        if quantileLevels != nil, !outputs.contains(.quantiles) {
            throw .needs(fields.parameter("quantile_levels"), .quantiles)
        }
    }
}
