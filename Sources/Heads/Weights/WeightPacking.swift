internal import Checkpoints
internal import LogitKernels

/// Matrices on their way from a checkpoint into panels of the table's format.
extension TensorTable {
    /// A dense layer of the JAX code: `name/kernel` [inputs, outputs] and `name/bias` [outputs].
    func jaxLayer(
        _ name: String, inputs: Int? = nil, outputs: Int? = nil
    ) throws(ModelError) -> DenseLayer {
        let shape = try shape(name + "/kernel", rank: 2)
        try require([inputs, outputs], name + "/kernel", shape)
        let kernel = name + "/kernel"
        return DenseLayer(
            weights: try packed(
                kernel, outputCount: shape[1], inputCount: shape[0], layout: .inputMajor
            ) { body throws(ModelError) in
                try forEachRows(of: kernel, width: shape[1], .inputMajor, body)
            },
            bias: try values(name + "/bias", shape: [shape[1]]))
    }

    /// A dense layer of PyTorch: `name.weight` [outputs, inputs] and, if it is there, `name.bias`.
    func torchLayer(
        _ name: String, inputs: Int? = nil, outputs: Int? = nil
    ) throws(ModelError) -> DenseLayer {
        try denseLayer(try torchTensors(name), inputs: inputs, outputs: outputs)
    }

    /// The first `rowCount` rows of a weight tensor [..., inputs] whose leading dimensions are
    /// flattened to rows; those behind them are only checked.
    func packedRows(
        _ name: String, shape: [Int], rowCount: Int
    ) throws(ModelError) -> PackedWeights {
        let width = shape[shape.count - 1]
        return try packed(
            name, outputCount: rowCount, inputCount: width, layout: .outputMajor
        ) { body throws(ModelError) in
            var missing = rowCount * width
            try forEachRows(of: name, width: width, .outputMajor) { rows in
                let count = min(rows.count, missing)
                missing -= count
                body(rows.extracting(first: count))
            }
        }
    }

    /// Some columns of a matrix [inputs, width], each an output.
    func packedColumns(
        _ columns: Range<Int>, of name: String, width: Int, inputCount: Int
    ) throws(ModelError) -> PackedWeights {
        try packed(
            name, outputCount: columns.count, inputCount: inputCount, layout: .inputMajor
        ) { body throws(ModelError) in
            try forEachRows(of: name, width: width, .inputMajor) { rows in
                guard !columns.isEmpty else { return }
                for start in stride(from: 0, to: rows.count, by: width) {
                    body(rows.extracting(start + columns.lowerBound..<start + columns.upperBound))
                }
            }
        }
    }

    /// Streams a matrix into panels. `forEach` calls its argument with all rows, some whole ones at
    /// a time: once, or more often where the scales of int8 or the lengths of outputs have to be
    /// known before the first is packed.
    func packed(
        _ name: String, outputCount: Int, inputCount: Int, layout: PackedWeights.Layout,
        _ forEach: (_ body: (Span<Float>) -> Void) throws(ModelError) -> Void
    ) throws(ModelError) -> PackedWeights {
        guard inputCount <= format.maxInputCount else {
            throw .tooManyInputs(
                tensor: prefix + name, found: inputCount, limit: format.maxInputCount)
        }
        var packer: WeightPacker
        do throws(MemoryShortage) {
            packer = try WeightPacker(
                outputCount: outputCount, inputCount: inputCount, layout: layout, format: format)
        } catch {
            throw .noMemory(tensor: prefix + name, byteCount: error.byteCount)
        }
        var scaling = RowScaling(
            isNeeded: hasUnitRows, outputCount: outputCount, inputCount: inputCount,
            layout: layout)
        if scaling.mustBeMeasured { try forEach { scaling.measure($0) } }
        if packer.unmeasuredRowCount > 0 {
            try forEach { rows in scaling.apply(to: rows) { packer.measure($0) } }
        }
        var lost: Float?
        try forEach { rows in
            scaling.apply(to: rows) { rows in
                if format == .bfloat16 { lost = lost ?? WeightEncoder.firstBeyondBfloat16(rows) }
                packer.append(rows)
            }
        }
        if let lost {
            throw .weightRange(
                tensor: prefix + name, value: Double(lost), reason: "too large for bfloat16")
        }
        return packer.finish()
    }
}
