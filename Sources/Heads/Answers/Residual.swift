internal import LogitKernels

/// The rest of a distribution beside the labels that an answer lists.
enum Residual {
    /// The sum of all probabilities but those at some indices. It adds what is left and subtracts
    /// nothing from one, so that a small sum has all its digits.
    static func sum<Value: BinaryFloatingPoint>(
        of probabilities: [Value], besides listed: some Collection<Int>
    ) -> Double {
        if listed.isEmpty { return 1 }
        var sum = 0.0
        forEachGap(between: listed.sorted(), count: probabilities.count) { range in
            for index in range { sum += Double(probabilities[index]) }
        }
        return min(sum, 1)
    }

    /// All values but those at some indices, in their order.
    static func others(than listed: some Collection<Int>, of values: Span<Float>) -> [Float] {
        [Float](count: values.count - listed.count) { others in
            var count = 0
            forEachGap(between: listed.sorted(), count: values.count) { range in
                for index in range {
                    others[count] = values[index]
                    count += 1
                }
            }
        }
    }

    /// The ranges of 0..<`count` between indices, which are different and ascending.
    private static func forEachGap(
        between indices: [Int], count: Int, _ body: (Range<Int>) -> Void
    ) {
        var start = 0
        for index in indices {
            body(start..<index)
            start = index + 1
        }
        body(start..<count)
    }
}
