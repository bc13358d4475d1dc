internal import LogitKernels

/// Scales the weights of each output of a matrix to unit Euclidean length while the matrix is
/// streamed, or leaves them as they are. An output whose weights are all zero stays as it is.
struct RowScaling {
    private let isNeeded: Bool
    private let inputCount: Int
    private let layout: PackedWeights.Layout
    /// One an output where its weights lie apart; summed in double, in the order of the inputs.
    private var squares: [Double]

    init(
        isNeeded: Bool, outputCount: Int, inputCount: Int, layout: PackedWeights.Layout
    ) {
        self.isNeeded = isNeeded
        self.inputCount = inputCount
        self.layout = layout
        let liesApart = isNeeded && layout == .inputMajor
        squares = [Double](repeating: 0, count: liesApart ? outputCount : 0)
    }

    /// Whether all rows must be measured before the first is scaled: in a [D, K] matrix the weights
    /// of an output lie apart.
    var mustBeMeasured: Bool { !squares.isEmpty }

    /// Adds some whole rows of a [D, K] matrix.
    mutating func measure(_ rows: Span<Float>) {
        for index in rows.indices {
            squares[index % squares.count] += Double(rows[index]) * Double(rows[index])
        }
    }

    /// Calls `body` with some whole rows of the matrix, scaled.
    func apply(to rows: Span<Float>, _ body: (Span<Float>) -> Void) {
        guard isNeeded else { return body(rows) }
        var values = rows.indices.map { rows[$0] }
        if layout == .outputMajor {
            UnitRows.normalize(&values, width: inputCount)
        } else {
            let lengths = squares.map { UnitRows.length(ofSquare: $0) }
            for index in values.indices {
                values[index] = Float(Double(values[index]) / lengths[index % lengths.count])
            }
        }
        body(values.span)
    }
}
