internal import LogitKernels

/// A level of a cascade by its shapes.
struct CascadeLevelShape {
    let names: (hidden: String, embedding: String)
    let hidden: LayerShape
    /// [rows, h].
    let table: [Int]
    /// Rows that are scored: all but a pad.
    let rowCount: Int

    /// Numbers stored.
    var parameterCount: Int { hidden.parameterCount + table[0] * table[1] }
}

extension CascadeRecognition {
    /// The shapes of the levels, checked against one another and, where the code is known, against
    /// it: inspection and loading refuse the same files.
    func levelShapes(
        _ layout: CascadeLayout, _ radix: MixedRadix?, featureCount: Int
    ) throws(ModelError) -> [CascadeLevelShape] {
        var levels: [CascadeLevelShape] = []
        var codes = radix?.sizes[0]
        for (index, level) in layout.levels.enumerated() {
            let hidden = try tensors.torchLayerShape(level.hidden, inputs: featureCount)
            let table = try tensors.weightShape(level.embedding + ".weight", rank: 2)
            codes = codes.flatMap { codes in radix.map { codes * $0.sizes[index + 1] } }
            let isLast = index + 1 == layout.levels.count
            let rows = codes.map { ((isLast ? radix?.classCount : nil) ?? $0)...$0 }
            try require(level.embedding, table, rows: rows, width: hidden.outputCount)
            let isPadded =
                rows.map { rows in
                    table[0] == rows.lowerBound + 1
                        && (layout.mayBePadded || table[0] < rows.upperBound)
                } ?? false
            levels.append(
                CascadeLevelShape(
                    names: level, hidden: hidden, table: table,
                    rowCount: isPadded ? table[0] - 1 : table[0]))
        }
        return levels
    }

    /// Refuses a table whose rows or width do not fit. Rows may stop short of the codes only at the
    /// last level; one row beyond the labels of a ragged table is the padding id of the multi-GPU
    /// code, no label.
    private func require(
        _ name: String, _ table: [Int], rows: ClosedRange<Int>?, width: Int
    ) throws(ModelError) {
        guard table[1] == width, rows?.contains(table[0]) ?? true else {
            let expected = rows.map { "\($0.lowerBound)...\($0.upperBound)" } ?? "any"
            throw .tensorShape(
                name: tensors.prefix + name + ".weight", found: table,
                expected: "[\(expected), \(width)]")
        }
    }

    /// The levels with their weights, all finite.
    func levels(
        _ shapes: [CascadeLevelShape], _ radix: MixedRadix
    ) throws(ModelError) -> [CascadeLevel] {
        var levels: [CascadeLevel] = []
        for (shape, size) in zip(shapes, radix.sizes.dropFirst()) {
            levels.append(
                CascadeLevel(
                    hidden: try tensors.torchLayer(
                        shape.names.hidden, inputs: shape.hidden.inputCount),
                    embedding: try tensors.scoreTable(
                        shape.names.embedding + ".weight", rowCount: shape.rowCount),
                    size: size))
        }
        return levels
    }
}
