/// The rest of a distribution beside the labels that an answer lists.
enum Residual {
    /// The sum of all probabilities but those at some indices. It adds what is left and subtracts
    /// nothing from one, so that a small sum has all its digits.
    static func sum<Value: BinaryFloatingPoint>(
        of probabilities: [Value], besides listed: some Collection<Int>
    ) -> Double {
        if listed.isEmpty { return 1 }
        var sum = 0.0
        for range in gaps(between: listed, count: probabilities.count) {
            for index in range { sum += Double(probabilities[index]) }
        }
        return min(sum, 1)
    }

    /// All values but those at some indices, in their order.
    static func others(than listed: some Collection<Int>, of values: Span<Float>) -> [Float] {
        var others: [Float] = []
        others.reserveCapacity(values.count - listed.count)
        for range in gaps(between: listed, count: values.count) {
            for index in range { others.append(values[index]) }
        }
        return others
    }

    /// The ranges of 0..<`count` between indices, which are different.
    private static func gaps(between indices: some Collection<Int>, count: Int) -> [Range<Int>] {
        var start = 0
        return (indices.sorted() + [count]).map { end in
            defer { start = end + 1 }
            return start..<end
        }
    }
}
