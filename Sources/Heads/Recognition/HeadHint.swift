internal import Checkpoints
internal import LogitKernels

/// The matrix of a checkpoint without a known head that its names and sizes make most likely to be
/// one, as `model.json` would name it.
struct HeadHint: Sendable {
    /// The members of `model.json`, or advice on how to save the matrix where it cannot be served
    /// as it is.
    enum Advice: Sendable, Equatable {
        case members(String)
        case save(String)
    }

    let advice: Advice

    /// The matrices at the end of the file that are compared.
    private static let maxCompared = 8

    /// Parts of names that are no head's: parts of adapters and embeddings.
    private static let others = ["embed", "lora_", "weight_g", "original0", "diag_layer"]

    /// The matrices that could be heads, in file order.
    static func matrices(of checkpoint: Checkpoint) -> [Tensor] {
        let found = checkpoint.tensors.filter { $0.shape.count == 2 }
        let names = Set(UntrainedTwins.without(found.map(\.name)))
        return found.filter { names.contains($0.name) }
    }

    /// nil where there are none.
    init?(_ matrices: [Tensor], in checkpoint: Checkpoint) {
        let candidates = matrices.filter { matrix in
            !HeadPlaces.isTraining(matrix.name)
                && !Self.others.contains { matrix.name.lowercased().contains($0) }
        }.suffix(Self.maxCompared)
        guard let last = candidates.last ?? matrices.last else { return nil }
        let inputCounts = Dictionary(
            candidates.map { (Self.sizes($0).inputs, 1) }, uniquingKeysWith: +)
        let final = candidates.last { matrix in
            let (inputs, outputs) = Self.sizes(matrix)
            return inputCounts[outputs] ?? 0 == (inputs == outputs ? 1 : 0)
        }
        advice = Self.advice(final ?? last, in: checkpoint)
    }

    private static func sizes(_ matrix: Tensor) -> (inputs: Int, outputs: Int) {
        let name = matrix.name.lastPart
        let hasInputsFirst = name == "kernel" || PerceptronLayer.number(name) != nil
        let (first, second) = (matrix.shape[0], matrix.shape[1])
        return hasInputsFirst ? (first, second) : (second, first)
    }

    private static func advice(_ matrix: Tensor, in checkpoint: Checkpoint) -> Advice {
        let name = matrix.name
        if let number = PerceptronLayer.number(name) {
            return .save("'\(name)' cannot be served as it is: \(PerceptronLayer.advice(number))")
        }
        if name.lastPart == "kernel", name.parentPath.lastPart == "loc_layer" {
            return .save(
                "'\(name)' belongs to a het or het-xl head, whose names stand between slashes; "
                    + "save its tensors as 'multiclass_head/loc_layer/kernel' and so on")
        }
        let layer = layer(of: name, in: checkpoint)
        guard let layer, layer.bias == nil else {
            let path = TorchModules.layer(ofWeight: name) ?? name.parentPath
            return .members(
                path.isEmpty || layer == nil
                    ? "\"tensors\": \(names(name, bias: nil))"
                    : "\"prefix\": \(ManifestText.quoted(path))")
        }
        return advice(layer, sizes(matrix), in: checkpoint)
    }

    /// The advice on a layer without a bias of its own.
    private static func advice(
        _ layer: LayerTensors, _ sizes: (inputs: Int, outputs: Int), in checkpoint: Checkpoint
    ) -> Advice {
        let level = HeadLevel(of: layer, in: checkpoint)
        let bias = level.biases(count: sizes.outputs)
        if bias.isEmpty, layer.layout == .outputMajor,
            let other = level.namedBiases(count: sizes.inputs).first
        {
            return .save(
                "'\(layer.weight)' \([sizes.outputs, sizes.inputs]) seems to be [width, labels], "
                    + "for '\(other.name)' has one number a column; save its transpose")
        }
        let isModule = layer.name != layer.weight && !layer.name.isEmpty
        let known = bias.count == 1 ? bias[0].name : nil
        guard isModule else { return .members("\"tensors\": \(names(layer.weight, bias: known))") }
        let prefix = "\"prefix\": \(ManifestText.quoted(layer.name))"
        return .members(known.map { "\(prefix), \"tensors\": \(names(nil, bias: $0))" } ?? prefix)
    }

    private static func names(_ weight: String?, bias: String?) -> String {
        var names = TensorNames()
        (names.weight, names.bias) = (weight, bias)
        return names.json
    }

    /// The layer of the matrix, with the bias that its own names give it. nil for one of Haiku,
    /// which knows its bias.
    private static func layer(of name: String, in checkpoint: Checkpoint) -> LayerTensors? {
        func own(_ bias: String) -> String? { checkpoint[bias] == nil ? nil : bias }
        let start = String(name.dropLast(name.lastPart.count))
        if name.lastPart == "kernel" {
            return LayerTensors(
                name: start.trimmedPath, weight: name, bias: own(start + "bias"),
                layout: .inputMajor)
        }
        if name.hasSuffix("/w"), checkpoint[start + "b"] != nil { return nil }
        guard let path = TorchModules.layer(ofWeight: name) else {
            return LayerTensors(name: name, weight: name)
        }
        let base = path.isEmpty ? "" : path + "."
        return LayerTensors(
            name: path, weight: name,
            magnitude: own(base + "weight_g") ?? own(base + "parametrizations.weight.original0"),
            bias: own(base + "bias"))
    }
}
