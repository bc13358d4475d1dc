internal import Checkpoints
internal import LogitKernels

/// Layers of Haiku: `w` [inputs, outputs] and `b`, below a path of modules between slashes.
enum HaikuLayer {
    private static let (weight, bias) = ("w", "b")

    /// The layer with this name or whose weights have it; nil where it is none of Haiku's. A bias
    /// with a number a row of the matrix shows that it was saved with its outputs first.
    static func tensors(_ name: String, in tensors: TensorTable) throws(ModelError) -> LayerTensors?
    {
        let weight = name.lastPart == Self.weight ? name : "\(name)/\(Self.weight)"
        let path = weight.parentPath
        guard weight.contains("/"), weight.hasSuffix("/" + Self.weight), tensors.contains(weight)
        else { return nil }
        let bias = "\(path)/\(Self.bias)"
        let hasBias = tensors.contains(bias)
        guard hasBias || path.split(separator: "/").contains("~") else { return nil }
        let shape = tensors.shape(weight) ?? []
        let hasOutputsFirst =
            shape.count == 2 && shape[0] != shape[1] && tensors.shape(bias) == [shape[0]]
        let layer = LayerTensors(
            name: path, weight: weight, bias: hasBias ? bias : nil,
            layout: hasOutputsFirst ? .outputMajor : .inputMajor)
        try tensors.refuseUnused(below: path + "/", besides: layer.used)
        return layer
    }
}

/// The matrices of a multilayer perceptron of scikit-learn, `coefs_0` and so on where its list
/// `coefs_` was saved: their inputs stand first, which a square one does not show.
enum PerceptronLayer {
    /// The number of the layer whose coefficients have this name.
    static func number(_ name: String) -> Int? {
        let (last, start) = (name.lastPart, "coefs_")
        return last.hasPrefix(start) ? Int(last.dropFirst(start.count)) : nil
    }

    /// The way to save layer `number` so that it can be served.
    static func advice(_ number: Int) -> String {
        "a scikit-learn MLP keeps its weights as [inputs, outputs]; save coefs_[\(number)].T as "
            + "'out.weight' and intercepts_[\(number)] as 'out.bias', and name 'out'"
    }

    static func refuse(_ name: String, shape: [Int]?) throws(ModelError) {
        guard let number = number(name) else { return }
        throw .tensorShape(
            name: name, found: shape ?? [], expected: "[labels, width], but " + advice(number))
    }
}
