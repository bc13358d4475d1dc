internal import Predictions

extension RowOptions {
    /// The classes that the answer lists of the best ones, by the probabilities of all.
    func listed(_ best: [Int], of probabilities: [Float]) -> [Int] {
        Array(best.prefix(listedCount(best.lazy.map { probabilities[$0] })))
    }

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
