internal import Predictions

extension RowOptions {
    /// The number of labels that the answer lists of a ranking, whose probabilities these are.
    func listedCount(_ ranked: some Sequence<Float>) -> Int {
        var count = 0
        for probability in ranked {
            guard count < topK, probability >= minProbability else { break }
            count += 1
        }
        return count
    }
}
