internal import Checkpoints
internal import LogitKernels

/// The tensors of a checkpoint below one prefix, taken by name with their shapes checked.
struct TensorTable {
    let checkpoint: Checkpoint
    /// The prefix of the names asked for, separator included; may be empty.
    let prefix: String
    /// Notes which tensors are read, where the caller wants to know.
    var uses: WeightUses?
    /// The format in which matrices are packed.
    var format = WeightFormat.float32
    /// Whether the weights of an output are scaled to unit length before they are packed.
    var hasUnitRows = false

    /// The same checkpoint below another prefix.
    func at(_ prefix: String) -> TensorTable {
        TensorTable(
            checkpoint: checkpoint, prefix: prefix, uses: uses, format: format,
            hasUnitRows: hasUnitRows)
    }

    /// The same tensors, asked for by their full names.
    var byFullName: TensorTable { at("") }

    /// A full name as the table is asked for it; one that is not below the prefix stays as it is.
    func ownName(_ name: String) -> String {
        name.utf8.starts(with: prefix.utf8) ? name.without(prefix) : name
    }

    /// The same tensors, their matrices packed without rounding.
    var exact: TensorTable { TensorTable(checkpoint: checkpoint, prefix: prefix, uses: uses) }

    /// The same tensors, the weights of each output of their matrices scaled to unit length, where
    /// `isNeeded`.
    func withUnitRows(_ isNeeded: Bool = true) -> TensorTable {
        var table = self
        table.hasUnitRows = isNeeded
        return table
    }

    /// Whether the file has the tensor; reading one that cannot be read is refused by name.
    func contains(_ name: String) -> Bool {
        checkpoint[prefix + name] != nil || checkpoint.unreadTensor(named: prefix + name) != nil
    }

    func contains(below path: String) -> Bool {
        checkpoint.hasName(beginningWith: prefix + path)
    }

    /// The full names of the tensors below `path` (which ends with its separator), in file order.
    func names(below path: String) -> [String] {
        checkpoint.names(beginningWith: prefix + path)
    }

    func shape(_ name: String) -> [Int]? { checkpoint[prefix + name]?.shape }

    private func tensor(_ name: String) throws(ModelError) -> Tensor {
        guard let tensor = checkpoint[prefix + name] else { throw missing(name) }
        return tensor
    }

    /// The error for a tensor that a head needs: it is not there, or cannot be read.
    func missing(_ name: String, wayOut: String? = nil) -> ModelError {
        guard let unread = checkpoint.unreadTensor(named: prefix + name) else {
            return .missingTensor(name: prefix + name, wayOut: wayOut)
        }
        return .checkpoint(checkpoint.refusal(of: unread))
    }

    /// The values of a tensor whose shape is `expected`; all finite.
    func values(_ name: String, shape expected: [Int]) throws(ModelError) -> [Float] {
        let tensor = try tensor(name)
        guard tensor.shape == expected else {
            throw .tensorShape(name: tensor.name, found: tensor.shape, expected: "\(expected)")
        }
        guard tensor.elementType.isFraction else {
            throw .tensorType(name: tensor.name, found: tensor.elementType)
        }
        uses?.add(tensor.name, .values)
        return try Self.finiteValues(tensor)
    }

    /// The shape of a tensor that must have `rank` dimensions, none of them empty.
    func shape(_ name: String, rank: Int) throws(ModelError) -> [Int] {
        let tensor = try tensor(name)
        guard tensor.shape.count == rank, !tensor.shape.contains(0) else {
            throw .tensorShape(
                name: tensor.name, found: tensor.shape, expected: "\(rank) dimensions, none empty")
        }
        return tensor.shape
    }

    static func finiteValues(_ tensor: Tensor) throws(ModelError) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(tensor.elementCount)
        try forEachFiniteBlock(of: tensor, elementCount: blockElementCount) { block in
            unsafe block.withUnsafeBufferPointer { unsafe values.append(contentsOf: $0) }
        }
        return values
    }

    /// Elements that are checked at a time: 4 MiB of Floats.
    private static let blockElementCount = 1 << 20

    /// Calls `body` with the elements in blocks; fails, at the end, when one was not finite.
    private static func forEachFiniteBlock(
        of tensor: Tensor, elementCount: Int, _ body: (Span<Float>) -> Void
    ) throws(ModelError) {
        var check = FiniteCheck()
        do {
            try tensor.forEachBlock(of: elementCount) { block in
                check.check(block)
                body(block)
            }
        } catch {
            throw .checkpoint(error)
        }
        if let index = check.firstFault {
            throw .nonFiniteWeight(tensor: tensor.name, index: index)
        }
    }

    /// Calls `body` with the weights of a matrix, some whole rows of `width` at a time, int8 ones
    /// times their scales; fails, at the end, when one was not finite.
    func forEachRows(
        of name: String, width: Int, _ layout: PackedWeights.Layout, _ body: (Span<Float>) -> Void
    ) throws(ModelError) {
        let tensor = try matrix(name, layout)
        let scales = try scales(of: tensor, layout)
        var firstRow = 0
        let count = Self.rowsAtOnce(width: width) * width
        try Self.forEachFiniteBlock(of: tensor, elementCount: count) { rows in
            guard let scales else { return body(rows) }
            var weights = rows.indices.map { rows[$0] }
            scales.apply(to: &weights, firstRow: firstRow, width: width)
            firstRow += weights.count / width
            body(weights.span)
        }
    }

    private func matrix(
        _ name: String, _ layout: PackedWeights.Layout
    ) throws(ModelError) -> Tensor {
        let tensor = try tensor(name)
        uses?.add(tensor.name, .matrix(layout))
        return tensor
    }

    /// Whole rows of about a block's elements; packing likes multiples of 32.
    private static func rowsAtOnce(width: Int) -> Int {
        let rows = max(1, blockElementCount / max(width, 1))
        return rows < 32 ? rows : rows / 32 * 32
    }

    /// The first `rowCount` rows of a matrix, left in the file; every element is finite.
    func scoreTable(_ name: String, rowCount: Int) throws(ModelError) -> ScoreTable {
        let tensor = try matrix(name, .outputMajor)
        let scales = try scales(of: tensor, .outputMajor)
        try Self.forEachFiniteBlock(of: tensor, elementCount: Self.blockElementCount) { _ in }
        do {
            return ScoreTable(try tensor.rows(), rowCount: rowCount, scales: scales?.values)
        } catch {
            throw .checkpoint(error)
        }
    }

    /// Refuses a shape that differs from the dimensions that are known.
    func require(
        _ known: [Int?], _ name: String, _ shape: [Int]
    ) throws(ModelError) {
        guard zip(known, shape).allSatisfy({ $0 == nil || $0 == $1 }) else {
            let expected = known.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
            throw .tensorShape(name: prefix + name, found: shape, expected: "[\(expected)]")
        }
    }
}
