internal import Checkpoints
internal import LogitKernels

/// The scales of a matrix stored in int8: a weight is its integer times the scale of its output.
///
/// They are stored beside the matrix, under its name and `nameSuffix`, in the matrix's shape with
/// 1 in the place of the inputs.
struct WeightScales: Sendable {
    static let nameSuffix = ".int8_scale"

    /// One scale an output; finite.
    let values: [Float]
    let layout: PackedWeights.Layout

    /// The shape of the scales of a matrix of this shape.
    static func shape(of matrix: [Int], _ layout: PackedWeights.Layout) -> [Int] {
        switch layout {
        case .outputMajor: Array(matrix.dropLast()) + [1]
        case .inputMajor: [1] + Array(matrix.dropFirst())
        }
    }

    /// The output that number `index` of some rows belongs to, the first being row `firstRow`.
    static func output(
        of index: Int, firstRow: Int, width: Int, _ layout: PackedWeights.Layout
    ) -> Int {
        layout == .outputMajor ? firstRow + index / width : index % width
    }

    /// Integers become weights: `rows`, each of `width` numbers, from row `firstRow` on. Does not
    /// divide for each number, because this is done whenever the model is loaded.
    func apply(to rows: inout [Float], firstRow: Int, width: Int) {
        for (index, start) in stride(from: 0, to: rows.count, by: width).enumerated() {
            for column in 0..<width {
                rows[start + column] *=
                    layout == .outputMajor ? values[firstRow + index] : values[column]
            }
        }
    }
}

extension TensorTable {
    /// The scales of a matrix if it is stored in int8, else nil. Refuses int8 without scales.
    func scales(
        of tensor: Tensor, _ layout: PackedWeights.Layout
    ) throws(ModelError) -> WeightScales? {
        guard tensor.elementType == .int8 else { return nil }
        guard let scales = checkpoint[tensor.name + WeightScales.nameSuffix] else {
            throw .tensorType(name: tensor.name, found: .int8)
        }
        let shape = WeightScales.shape(of: tensor.shape, layout)
        guard scales.shape == shape else {
            throw .tensorShape(name: scales.name, found: scales.shape, expected: "\(shape)")
        }
        let values = try Self.finiteValues(scales)
        let largest = Float.greatestFiniteMagnitude / 128
        if let wrong = values.first(where: { !(0...largest).contains($0) }) {
            throw .weightRange(
                tensor: scales.name, value: Double(wrong),
                reason: "scales are from 0 to \(largest), so that no weight is infinite")
        }
        return WeightScales(values: values, layout: layout)
    }

    /// Whether a tensor is stored in int8 and its scales beside it.
    func hasScales(_ tensor: Tensor) -> Bool {
        tensor.elementType == .int8 && checkpoint[tensor.name + WeightScales.nameSuffix] != nil
    }
}
