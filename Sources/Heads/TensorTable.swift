internal import Checkpoints
internal import LogitKernels

/// The tensors of a checkpoint below one prefix, taken by name with their shapes checked.
struct TensorTable {
    let checkpoint: Checkpoint
    /// What stands before the names asked for, separator included; may be empty.
    let prefix: String

    func contains(_ name: String) -> Bool { checkpoint[prefix + name] != nil }

    func shape(_ name: String) -> [Int]? { checkpoint[prefix + name]?.shape }

    /// The values of a tensor whose shape is `expected`; all finite.
    func values(_ name: String, shape expected: [Int]) throws(ModelError) -> [Float] {
        guard let tensor = checkpoint[prefix + name] else {
            throw .missingTensor(name: prefix + name)
        }
        guard tensor.shape == expected else {
            throw .tensorShape(name: tensor.name, found: tensor.shape, expected: "\(expected)")
        }
        return try Self.finiteValues(tensor)
    }

    /// The shape of a tensor that must have `rank` dimensions, none of them empty.
    func shape(_ name: String, rank: Int) throws(ModelError) -> [Int] {
        guard let tensor = checkpoint[prefix + name] else {
            throw .missingTensor(name: prefix + name)
        }
        guard tensor.shape.count == rank, !tensor.shape.contains(0) else {
            throw .tensorShape(
                name: tensor.name, found: tensor.shape, expected: "\(rank) dimensions, none empty")
        }
        return tensor.shape
    }

    private static func finiteValues(_ tensor: Tensor) throws(ModelError) -> [Float] {
        let values: [Float]
        do {
            values = try tensor.floats()
        } catch {
            throw .checkpoint(error)
        }
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw .nonFiniteWeight(tensor: tensor.name, index: index)
        }
        return values
    }

    /// A dense layer of the JAX code: `name/kernel` [inputs, outputs] and `name/bias` [outputs].
    func jaxLayer(
        _ name: String, inputs: Int? = nil, outputs: Int? = nil
    ) throws(ModelError) -> DenseLayer {
        let shape = try shape(name + "/kernel", rank: 2)
        try require([inputs, outputs], name + "/kernel", shape)
        let kernel = try values(name + "/kernel", shape: shape)
        return DenseLayer(
            weights: PackedWeights(
                kernel.span, outputCount: shape[1], inputCount: shape[0], layout: .inputMajor),
            bias: try values(name + "/bias", shape: [shape[1]]))
    }

    /// A dense layer of PyTorch: `name.weight` [outputs, inputs] and, if it is there, `name.bias`.
    func torchLayer(
        _ name: String, inputs: Int? = nil, outputs: Int? = nil
    ) throws(ModelError) -> DenseLayer {
        let shape = try shape(name + ".weight", rank: 2)
        try require([outputs, inputs], name + ".weight", shape)
        let bias = name + ".bias"
        return DenseLayer(
            weights: try packedRows(name + ".weight", shape: shape, rowCount: shape[0]),
            bias: contains(bias) ? try values(bias, shape: [shape[0]]) : nil)
    }

    /// The first `rowCount` rows of a weight tensor [..., inputs] whose leading dimensions are
    /// flattened to rows.
    func packedRows(
        _ name: String, shape: [Int], rowCount: Int
    ) throws(ModelError) -> PackedWeights {
        let rows = try values(name, shape: shape)
        let width = shape[shape.count - 1]
        return PackedWeights(
            rows.span.extracting(first: rowCount * width), outputCount: rowCount,
            inputCount: width, layout: .outputMajor)
    }

    /// Refuses a shape that differs from the dimensions that are known.
    private func require(
        _ known: [Int?], _ name: String, _ shape: [Int]
    ) throws(ModelError) {
        guard zip(known, shape).allSatisfy({ $0 == nil || $0 == $1 }) else {
            let expected = known.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
            throw .tensorShape(name: prefix + name, found: shape, expected: "[\(expected)]")
        }
    }
}
