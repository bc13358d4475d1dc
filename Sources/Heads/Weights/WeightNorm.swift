internal import LogitKernels

/// Weight normalisation: the weights are g · v / ‖v‖, with a length g for each row of v (PyTorch's
/// `dim=0`), for each column (`dim=1`) or for all of v (`dim=None`).
struct WeightNorm: Sendable {
    /// The part of v that has one length.
    enum Axis: Sendable {
        case rows, columns, all

        /// Tells the axis by the shape of the lengths; refuses other shapes.
        init(
            of magnitude: String, in tensors: TensorTable, rows: Int, columns: Int
        ) throws(ModelError) {
            let shape = tensors.shape(magnitude) ?? []
            switch shape {
            case [rows, 1]: self = .rows
            case [1, columns]: self = .columns
            case []: self = .all
            default:
                throw .tensorShape(
                    name: tensors.prefix + magnitude, found: shape,
                    expected: "[\(rows), 1], [1, \(columns)] or []: a length for each row, each "
                        + "column or the matrix")
            }
        }

        /// Lengths of a matrix.
        func count(rows: Int, columns: Int) -> Int {
            switch self {
            case .rows: rows
            case .columns: columns
            case .all: 1
            }
        }

        /// The length that number `column` of row `row` belongs to.
        func index(row: Int, column: Int) -> Int {
            switch self {
            case .rows: row
            case .columns: column
            case .all: 0
            }
        }
    }

    let axis: Axis
    /// g / ‖v‖, one for each length.
    let factors: [Double]

    /// Rows of v, each of `width` numbers, from row `firstRow` on, become weights: computed in
    /// double precision and rounded once.
    func apply(to rows: inout [Float], firstRow: Int, width: Int) {
        for (index, start) in stride(from: 0, to: rows.count, by: width).enumerated() {
            for column in 0..<width {
                let factor = factors[axis.index(row: firstRow + index, column: column)]
                rows[start + column] = Float(Double(rows[start + column]) * factor)
            }
        }
    }
}

extension TensorTable {
    /// The normalisation of a layer's weights; nil where it has none. Reads v once to measure it.
    func weightNorm(of layer: LayerTensors, width: Int) throws(ModelError) -> WeightNorm? {
        guard let magnitude = layer.magnitude else { return nil }
        let all = byFullName
        let shape = try all.shape(layer.weight, rank: 2)
        let axis = try WeightNorm.Axis(of: magnitude, in: all, rows: shape[0], columns: shape[1])
        let lengths = try all.values(magnitude, shape: all.shape(magnitude) ?? [])
        var squares = [Double](repeating: 0, count: lengths.count)
        var firstRow = 0
        try all.forEachRows(of: layer.weight, width: width, layer.layout) { rows in
            for index in rows.indices {
                let place = axis.index(row: firstRow + index / width, column: index % width)
                squares[place] += Double(rows[index]) * Double(rows[index])
            }
            firstRow += rows.count / width
        }
        if let index = squares.firstIndex(of: 0) {
            throw .weightRange(
                tensor: layer.weight, value: 0,
                reason: "its part \(index) has no direction that '\(magnitude)' could give a "
                    + "length to")
        }
        return WeightNorm(
            axis: axis,
            factors: zip(lengths, squares).map { Double($0) / $1.squareRoot() })
    }

    /// Calls `body` with the rows of a matrix, normalised; fails, at the end, when a weight is not
    /// finite.
    func forEachRows(
        of direction: String, width: Int, _ norm: WeightNorm, _ body: (Span<Float>) -> Void
    ) throws(ModelError) {
        var check = FiniteCheck()
        var firstRow = 0
        try forEachRows(of: direction, width: width, .outputMajor) { rows in
            var weights = rows.indices.map { rows[$0] }
            norm.apply(to: &weights, firstRow: firstRow, width: width)
            firstRow += weights.count / width
            check.check(weights.span)
            body(weights.span)
        }
        if let index = check.firstFault {
            throw .nonFiniteWeight(
                tensor: prefix + direction + " times its length", index: index)
        }
    }
}
