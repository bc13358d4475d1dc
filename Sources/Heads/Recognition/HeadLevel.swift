internal import Checkpoints

/// The tensors on the level of a head's layer: beside its matrix, and beside the layer itself.
///
/// A model's other modules have many vectors of the head's sizes; only on this level does one
/// seem to belong to the head.
struct HeadLevel {
    /// Those that the layer does not use and whose type may be a weight's, in file order.
    let tensors: [Tensor]

    /// - Parameter layer: by the full names of its tensors.
    init(of layer: LayerTensors, in checkpoint: Checkpoint, besides used: [String] = []) {
        let levels = [layer.name.parentPath, layer.weight.parentPath]
        let taken = layer.used.union(used)
        tensors = checkpoint.tensors.filter { tensor in
            levels.contains(tensor.name.parentPath) && tensor.elementType.isFraction
                && !taken.contains(tensor.name) && !HeadPlaces.isTraining(tensor.name)
        }
    }

    /// Vectors of this length that could be the biases of as many outputs, a number alone too
    /// where it has the name of one.
    func biases(count: Int) -> [Tensor] {
        vectors(count: count).filter { tensor in
            let name = tensor.name.lastPart
            return !LayerNames.scaler.contains(name)
                && (count > 1 || !Self.isScale(name))
        } + (count > 1 ? vectors(count: 1).filter { Self.isBias($0.name.lastPart) } : [])
    }

    /// Vectors of this length with the name of a bias, where no other matrix on the level has such
    /// a side and could be what they belong to.
    func namedBiases(count: Int) -> [Tensor] {
        let hasOther = tensors.contains { tensor in
            tensor.shape.count == 2 && !tensor.shape.contains(1) && tensor.shape.contains(count)
        }
        return hasOther ? [] : vectors(count: count).filter { Self.isBias($0.name.lastPart) }
    }

    /// Vectors of this length, rows and columns of matrices among them.
    func vectors(count: Int) -> [Tensor] {
        tensors.filter { tensor in
            tensor.elementCount == count && tensor.shape.count { $0 != 1 } <= 1
                && tensor.shape.count <= 2
        }
    }

    private static func isBias(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["bias", "intercept"].contains { name.contains($0) }
            || name == "b" || name.hasPrefix("b_") || name.hasSuffix("_b")
    }

    private static func isScale(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["scale", "temp", "tau"].contains { name.contains($0) }
    }
}
