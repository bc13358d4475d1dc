import Checkpoints

/// Reads a tensor in every way there is. All must agree with `floats`, element by element, and find
/// the same tensors damaged.
struct TensorProbe {
    private typealias Reading = BrokenPromise.Reading

    private let tensor: Tensor
    /// Nil where the elements are refused.
    let floats: [Float]?
    /// No divisor of most counts, so that blocks end inside of rows.
    private static let blockElementCount = 7

    init(_ tensor: Tensor) throws(BrokenPromise) {
        self.tensor = tensor
        floats = try CheckpointProbe.outcome { () throws(CheckpointError) in try tensor.floats() }
    }

    func check() throws(BrokenPromise) {
        let tensor = tensor
        if let floats { try expect(floats.count, .floats) }
        let doubles = try CheckpointProbe.outcome { () throws(CheckpointError) in
            try tensor.doubles()
        }
        try compare(doubles, .doubles) { double, float in
            // A 64-bit integer is rounded twice on its way over Double.
            is64BitInteger || Self.agree(Float(double), float)
        }
        try checkIntegers()
        try compare(try blocks(), .blocks, Self.agree)
        if tensor.shape.count == 2 { try compare(try rows(), .rows, Self.agree) }
    }

    private var is64BitInteger: Bool { [.int64, .uint64].contains(tensor.elementType) }

    private static func agree(_ left: Float, _ right: Float) -> Bool {
        left.bitPattern == right.bitPattern || (left.isNaN && right.isNaN)
    }

    private func checkIntegers() throws(BrokenPromise) {
        let tensor = tensor
        let integers = try CheckpointProbe.outcome { () throws(CheckpointError) in
            try tensor.integers()
        }
        switch tensor.elementType {
        case .float64, .float32, .float16, .bfloat16:
            guard integers == nil else {
                throw .refusalsDiffer(tensor: tensor.name, reading: .integers)
            }
        // Those above the range of Int64 are refused.
        case .uint64 where integers == nil: return
        default: try compare(integers, .integers) { Self.agree(Float($0), $1) }
        }
    }

    private func blocks() throws(BrokenPromise) -> [Float]? {
        let tensor = tensor
        return try CheckpointProbe.outcome { () throws(CheckpointError) in
            var values: [Float] = []
            try tensor.forEachBlock(of: Self.blockElementCount) { block in
                for index in block.indices { values.append(block[index]) }
            }
            return values
        }
    }

    /// Row by row from the last to the first, put in order again.
    private func rows() throws(BrokenPromise) -> [Float]? {
        let tensor = tensor
        return try CheckpointProbe.outcome { () throws(CheckpointError) in
            let table = try tensor.rows()
            // Without elements there may be any number of rows.
            let rowCount = table.width == 0 ? min(table.rowCount, 3) : table.rowCount
            let rows = (0..<rowCount).reversed().map { row in
                table.withRows(row..<row + 1) { span in span.indices.map { span[$0] } }
            }
            return Array(rows.reversed().joined())
        }
    }

    private func compare<Value>(
        _ values: [Value]?, _ reading: Reading, _ agree: (Value, Float) -> Bool
    ) throws(BrokenPromise) {
        guard let floats, let values else {
            guard floats == nil, values == nil else {
                throw .refusalsDiffer(tensor: tensor.name, reading: reading)
            }
            return
        }
        try expect(values.count, reading)
        for index in values.indices where !agree(values[index], floats[index]) {
            throw .valuesDiffer(tensor: tensor.name, reading: reading, index: index)
        }
    }

    private func expect(_ count: Int, _ reading: Reading) throws(BrokenPromise) {
        guard count == tensor.elementCount else {
            throw .valueCount(
                tensor: tensor.name, reading: reading, expected: tensor.elementCount, found: count)
        }
    }
}
