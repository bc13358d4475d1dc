internal import Predictions

extension RowOptions {
    /// Labels that an answer ranks: those that it may list, and two where it tells of their
    /// difference.
    func rankedCount(hasMargin: Bool) -> Int {
        max(topK, hasMargin || (hasDetails && details.certifyDelta != nil) ? 2 : 0)
    }
}

extension Uncertainty {
    /// Says of an answer that is no estimate what its request asks: it is within any tolerance, and
    /// its leader is proven unless the second label is as likely, in the precision of answers.
    ///
    /// - Parameter ranked: the probabilities of `rankedCount` labels, best first.
    mutating func settle(_ options: RowOptions, _ ranked: some Sequence<Float>) {
        guard options.hasDetails else { return }
        let details = options.details
        if details.tolerance != nil { isConverged = true }
        if details.certifyDelta != nil {
            let two = Array(ranked.prefix(2))
            isCertified = two.count < 2 || two[0] > two[1]
        }
    }
}
