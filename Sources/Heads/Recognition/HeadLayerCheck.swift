internal import Checkpoints
internal import LogitKernels

/// The checks of a dense layer against what lies around it, before it is a head: what people save
/// in the place of a matrix [labels, width] and its bias, and what would be missing without it.
struct HeadLayerCheck {
    let checkpoint: Checkpoint
    let manifest: ModelManifest
    /// Whether the layer is one of several of a head, which have their biases under their own
    /// names.
    var isListed = false

    /// Refuses a layer, by the full names of its tensors, whose weights are no matrix, stand with
    /// inputs first, or have a bias that nobody names.
    func check(_ layer: LayerTensors) throws(ModelError) {
        try refuseNoise(beside: layer)
        guard let shape = checkpoint[layer.weight]?.shape else { return }
        guard shape.count == 2 else { throw Self.noMatrix(layer.weight, shape) }
        let isOutputMajor = layer.layout == .outputMajor
        let outputs = isOutputMajor ? shape[0] : shape[1]
        let inputs = isOutputMajor ? shape[1] : shape[0]
        if let bias = layer.bias {
            if outputs != inputs, checkpoint[bias]?.shape == [inputs] {
                throw Self.transposed(layer.weight, shape, shownBy: bias)
            }
            guard manifest.tensors?.hasNoBias ?? false else { return }
            throw .unexpectedTensor(
                name: bias, reason: "'tensors' in model.json says that the head has no bias")
        }
        let level = HeadLevel(of: layer, in: checkpoint)
        if outputs != inputs, let bias = level.namedBiases(count: inputs).first {
            throw Self.transposed(layer.weight, shape, shownBy: bias.name)
        }
        guard !(manifest.tensors?.hasNoBias ?? false) else { return }
        try refuse(level.biases(count: outputs), beside: layer.weight)
    }

    /// Refuses a layer before the head, by the full names of its tensors, beside a vector that
    /// could be its bias: no key of `model.json` names one.
    func checkBefore(_ layer: LayerTensors) throws(ModelError) {
        guard let shape = checkpoint[layer.weight]?.shape else { return }
        guard shape.count == 2 else { throw Self.noMatrix(layer.weight, shape) }
        guard layer.bias == nil else { return }
        let names = [manifest.tensors?.weight, manifest.tensors?.bias].compactMap(\.self)
        let found = HeadLevel(of: layer, in: checkpoint)
            .biases(count: layer.layout == .outputMajor ? shape[0] : shape[1])
            .first { bias in
                !names.contains { $0 == bias.name || PrefixMatch.ends(bias.name, with: $0) }
            }
        guard let found else { return }
        throw .unexpectedTensor(
            name: found.name,
            reason: "\(HeadPlace(name: found.name, shape: found.shape)) stands beside the layer "
                + "'\(layer.weight)', which has no bias; save the two as 'NAME.weight' and "
                + "'NAME.bias' and name 'NAME', or leave out what is no bias")
    }

    private static func transposed(
        _ weight: String, _ shape: [Int], shownBy bias: String
    ) -> ModelError {
        .tensorShape(
            name: weight, found: shape,
            expected: "[labels, width], but '\(bias)' has one number a column: the weights are "
                + "[width, labels]; save their transpose")
    }

    /// Refuses vectors that could be the bias of weights without one.
    private func refuse(_ found: [Tensor], beside weight: String) throws(ModelError) {
        guard let first = found.first else { return }
        var names = manifest.tensors ?? TensorNames()
        names.bias = first.name
        let listed = found.prefix(8).map { "\(HeadPlace(name: $0.name, shape: $0.shape))" }
        let remedy =
            isListed
            ? "save each layer as 'NAME.weight' and 'NAME.bias', or say in 'tensors' \"bias\": "
                + "null if none has a bias"
            : "\"tensors\": \(names.json) makes it the bias, and \"bias\": null in its place says "
                + "that there is none"
        throw .missingManifestKeys(
            keys: [ModelManifest.CodingKeys.tensors.rawValue],
            reason: "beside the weights '\(weight)', which have no bias, there is "
                + listed.joined(separator: ", ") + "; " + remedy)
    }

    /// Refuses vectors beside the weights of a head whose tensors have fixed names, where they
    /// could be a bias of one of these lengths, or of this shape.
    static func refuseVectors(
        beside weight: String, counts: Set<Int>, shape: [Int], in checkpoint: Checkpoint
    ) throws(ModelError) {
        let layer = LayerTensors(name: weight.parentPath, weight: weight)
        let level = HeadLevel(of: layer, in: checkpoint)
        let found =
            counts.sorted().flatMap { level.biases(count: $0) }
            + level.tensors.filter { $0.shape == shape }
        guard let found = found.first else { return }
        let name = weight.dropLast(weight.lastPart.count) + "bias"
        throw .unexpectedTensor(
            name: found.name,
            reason: "it could be the bias of '\(weight)', whose name would be '\(name)'; save it "
                + "under that name, or leave it out")
    }

    /// The refusal of weights that are no matrix, with the way to make them one.
    static func noMatrix(_ name: String, _ shape: [Int]) -> ModelError {
        .tensorShape(
            name: name, found: shape,
            expected: "a matrix [labels, width]" + (remedy(shape).map { "; \($0)" } ?? ""))
    }

    /// The way to make a matrix of an array that is as good as one.
    static func remedy(_ shape: [Int]) -> String? {
        if shape.count == 1, shape[0] > 0 {
            return "the weights of one label are [1, \(shape[0])]: save them with reshape(1, -1)"
        }
        guard let matrix = matrix(ofPixel: shape) else { return nil }
        return "a convolution with a kernel of one pixel is a dense layer where its input is one "
            + "pixel too: then save it as \(matrix)"
    }

    /// The matrix in a convolution of one pixel, with outputs first as PyTorch has it, or last as
    /// the JAX code does.
    static func matrix(ofPixel shape: [Int]) -> [Int]? {
        guard shape.count > 2 else { return nil }
        if shape.dropFirst(2).allSatisfy({ $0 == 1 }) { return Array(shape.prefix(2)) }
        return shape.dropLast(2).allSatisfy { $0 == 1 } ? Array(shape.suffix(2)) : nil
    }

    /// Refuses the location layer of a HET head, whose noise a dense head would leave out.
    private func refuseNoise(beside layer: LayerTensors) throws(ModelError) {
        let (location, noise) = ("loc_layer", "diag_layer")
        guard layer.name.lastPart == location else { return }
        let start = layer.name.dropLast(location.count) + noise
        guard let tensor = checkpoint.tensors.first(where: { $0.name.isBelow(String(start)) })
        else { return }
        throw .unexpectedTensor(
            name: tensor.name,
            reason: "it is the noise of a het or het-xl head, which a dense head would leave out; "
                + "those heads have their names between slashes, '\(location)/kernel', as the "
                + "authors' code saves them")
    }
}
