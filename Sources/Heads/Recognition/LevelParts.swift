internal import Checkpoints

/// The parts of a checkpoint on the level of a head, beside its layers, that do not run: by their
/// sizes they stand before it, or may be meant to change its answers.
struct LevelParts {
    /// Paths of layers and normalisations whose outputs the head could get, in file order.
    private(set) var before: [String] = []
    /// Numbers and vectors of the head's sizes, and batch normalisations of its outputs.
    private(set) var unused: [HeadPlace] = []

    /// Parts that are named; a file may have any number of layers of one width.
    private static let maxCount = 64

    /// Batch normalisations on the level, and the channels that convolutions on it put out.
    private var normalizations: [(path: String, width: Int)] = []
    private var convolved: Set<Int> = []

    private let own: [String]
    private let levels: Set<String>
    private let shape: [Int]
    private let (inputs, outputs): (Int, Int)

    /// - Parameters:
    ///   - own: full paths of the head's layers.
    ///   - module: the module that the head belongs to.
    ///   - shape: that of its matrix, of `inputs` and `outputs`.
    ///   - used: full names of the tensors that it uses.
    init(
        beside own: [String], in module: String, shape: [Int], inputs: Int, outputs: Int,
        used: Set<String> = [], of checkpoint: Checkpoint
    ) {
        self.own = own.filter { !$0.isEmpty }
        levels = Set([module] + own.map(\.parentPath))
        (self.shape, self.inputs, self.outputs) = (shape, inputs, outputs)
        for tensor in checkpoint.tensors
        where before.count + unused.count < Self.maxCount && !used.contains(tensor.name)
            && tensor.elementType.isFraction
            && !HeadPlaces.isTraining(tensor.name)
        {
            add(tensor)
        }
        addNormalizations()
    }

    /// Those that no convolution on the level can have in front of it, which makes them parts of
    /// the backbone.
    private mutating func addNormalizations() {
        for place in normalizations where !convolved.contains(place.width) {
            if place.width == inputs {
                before.append(place.path)
            } else {
                unused.append(HeadPlace(name: place.path, shape: [place.width]))
            }
        }
    }

    private mutating func add(_ tensor: Tensor) {
        let path = tensor.name.parentPath
        guard levels.contains(path) || levels.contains(path.parentPath),
            !own.contains(where: { tensor.name == $0 || tensor.name.isBelow($0) })
        else { return }
        if levels.contains(path) { addDirect(tensor) } else { add(tensor, ofModule: path) }
    }

    private mutating func addDirect(_ tensor: Tensor) {
        let shape = tensor.shape
        if shape.count == 2, shape[0] == inputs, shape[1] > 1, shape != self.shape {
            before.append(tensor.name)
        } else if shape.count < 2, [1, inputs, outputs].contains(tensor.elementCount),
            !LayerNames.scaler.contains(tensor.name.lastPart)
        {
            unused.append(HeadPlace(name: tensor.name, shape: shape))
        }
    }

    private mutating func add(_ tensor: Tensor, ofModule path: String) {
        guard Int(path.lastPart) == nil else { return }
        let shape = tensor.shape
        switch tensor.name.lastPart {
        case "weight" where shape.count == 2 && shape[0] == inputs,
            "weight_v" where shape.count == 2 && shape[0] == inputs,
            "kernel" where shape.count == 2 && shape[1] == inputs:
            let isTwin = shape == self.shape && LayerNames.count(of: path.pathParts) > 0
            if !isTwin, !path.lastPart.contains("embed") { before.append(path) }
        case "weight" where shape.count > 2: convolved.insert(shape[0])
        case "running_mean" where shape == [inputs] || shape == [outputs]:
            normalizations.append((path, shape[0]))
        default: break
        }
    }
}
