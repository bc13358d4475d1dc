internal import Checkpoints

/// A dense layer as a checkpoint stores it, before its weights are read.
struct LayerShape: Sendable, Equatable {
    /// Below the head's prefix.
    let name: String
    /// The tensor with the kernel, below the head's prefix.
    let kernel: String
    let inputCount: Int
    let outputCount: Int
    var hasBias = true
    /// Members E of a BatchEnsemble layer; nil for an ordinary one.
    var memberCount: Int?
    /// Lengths that weight normalisation stores.
    var magnitudeCount = 0

    /// Members a layer may have. Folding writes E kernels where the file has one, so a small file
    /// could ask for any amount of memory; published ensembles have 3 or 4 members.
    static let maxMembers = 16

    /// Members of a layer with a kernel of `weightCount` numbers: fewer where a kernel is larger
    /// than its file, because it is deflated or all its rows are one.
    static func maxMembers(weightCount: Int, fileByteCount: Int) -> Int {
        let folded = WeightLimit.maxBytes(fileByteCount: fileByteCount)
        let kernel = weightCount * MemoryLayout<Float>.size
        return max(1, min(maxMembers, folded / kernel))
    }

    /// Numbers stored: the kernel, the bias of each member, its fast weights, and lengths of rows.
    var parameterCount: Int { Int(parameterCount(outputCount: Double(outputCount))) }

    /// The same were there `outputCount` outputs. A Double, because sizes that need not be in a
    /// file may overflow; exact below 2⁵³.
    func parameterCount(outputCount: Double) -> Double {
        let inputs = Double(inputCount)
        let biases = hasBias ? Double(memberCount ?? 1) * outputCount : 0
        let fastWeights = Double(memberCount ?? 0) * (inputs + outputCount)
        return inputs * outputCount + biases + fastWeights + Double(magnitudeCount)
    }
}

extension TensorTable {
    /// The checkpoint file.
    var path: String { checkpoint.path }

    /// A layer of the JAX code: `name/kernel` [inputs, outputs], `name/bias`, and for a
    /// BatchEnsemble `name/fast_weight_alpha` [E, inputs], `name/fast_weight_gamma` [E, outputs].
    /// Anything else below `name` is refused, because it would change the layer's outputs.
    func jaxLayerShape(
        _ name: String, inputs: Int? = nil, outputs: Int? = nil
    ) throws(ModelError) -> LayerShape {
        let kernel = name + "/kernel"
        let shape = try matrix(kernel, [inputs, outputs])
        let members = try memberCount(name, inputs: shape[0], outputs: shape[1])
        let bias = members.map { [$0, shape[1]] } ?? [shape[1]]
        try require(name + "/bias", shape: bias)
        try refuseUnknown(below: name + "/")
        return LayerShape(
            name: name, kernel: kernel, inputCount: shape[0], outputCount: shape[1],
            memberCount: members)
    }

    private func memberCount(
        _ name: String, inputs: Int, outputs: Int
    ) throws(ModelError) -> Int? {
        let (alpha, gamma) = (name + "/fast_weight_alpha", name + "/fast_weight_gamma")
        guard contains(alpha) || contains(gamma) else { return nil }
        let count = try weightShape(alpha, rank: 2)[0]
        let limit = LayerShape.maxMembers(
            weightCount: inputs * outputs, fileByteCount: checkpoint.byteCount)
        guard count <= limit else {
            throw .tooManyMembers(tensor: prefix + alpha, found: count, limit: limit)
        }
        try require(alpha, shape: [count, inputs])
        try require(gamma, shape: [count, outputs])
        return count
    }

    private func refuseUnknown(below path: String) throws(ModelError) {
        let known = ["kernel", "bias", "fast_weight_alpha", "fast_weight_gamma"]
        for tensor in names(below: path) {
            let own = tensor.without(prefix)
            guard known.contains(own.without(path)) || isScale(own, of: [path + "kernel"]) else {
                throw .unexpectedTensor(
                    name: tensor,
                    reason: "a layer has \(known.joined(separator: ", ")) and nothing else")
            }
        }
    }

    /// A layer of PyTorch: `name.weight` [outputs, inputs] and `name.bias`, which the layers of
    /// known modules have and any dense layer `mayLackBias`; without a name, a lone `weight`.
    func torchLayerShape(
        _ name: String, inputs: Int? = nil, outputs: Int? = nil, mayLackBias: Bool = false
    ) throws(ModelError) -> LayerShape {
        let layer = try torchTensors(name)
        let shape = try layerShape(layer, inputs: inputs, outputs: outputs)
        guard shape.hasBias || mayLackBias else {
            throw missing(name.isEmpty ? "bias" : name + ".bias")
        }
        return shape
    }

    /// Refuses a tensor that is missing, has another shape, or has no fractions: only matrices are
    /// stored in int8.
    func require(_ name: String, shape expected: [Int]) throws(ModelError) {
        guard let tensor = checkpoint[prefix + name] else { throw missing(name) }
        guard tensor.shape == expected else {
            throw .tensorShape(name: tensor.name, found: tensor.shape, expected: "\(expected)")
        }
        try requireFractions(name)
        try requireJustified(tensor)
    }

    /// Refuses a tensor of integers, with scales or without.
    func requireFractions(_ name: String) throws(ModelError) {
        guard let tensor = checkpoint[prefix + name], !tensor.elementType.isFraction else { return }
        throw .tensorType(name: tensor.name, found: tensor.elementType)
    }

    /// The shape of a tensor of weights with `rank` dimensions, none of them empty.
    func weightShape(_ name: String, rank: Int) throws(ModelError) -> [Int] {
        let shape = try shape(name, rank: rank)
        try requireWeights(name)
        return shape
    }

    /// The shape of a matrix of weights, as far as it is `known`.
    private func matrix(_ name: String, _ known: [Int?]) throws(ModelError) -> [Int] {
        let shape = try weightShape(name, rank: 2)
        try require(known, name, shape)
        return shape
    }

    /// Weights are fractions, or int8 with their scales; other integers are indices or counters.
    /// Nor are there far more of them than the file has bytes.
    private func requireWeights(_ name: String) throws(ModelError) {
        guard let tensor = checkpoint[prefix + name] else { return }
        try requireJustified(tensor)
        guard tensor.elementType.isFraction || hasScales(tensor) else {
            throw .tensorType(name: tensor.name, found: tensor.elementType)
        }
    }
}
