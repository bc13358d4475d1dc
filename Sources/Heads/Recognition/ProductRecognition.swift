internal import Checkpoints
internal import LogitKernels
internal import Predictions

/// An MHP head. Dense layers may be cut into digits in another way than it seems, or answer several
/// questions, so it is asked for unless a module says the sizes of its heads.
struct ProductRecognition: RecognizedHead {
    /// The way the tensors of the layers are found.
    private enum Source {
        /// Modules of PyTorch, below the prefix of `tensors`.
        case modules([String])
        /// By their names.
        case tensors([LayerTensors])
    }

    let kind = HeadKind.mhp
    let manifest: ModelManifest
    let tensors: TensorTable
    private let source: Source
    /// Whether there is a layer for each digit.
    private let isList: Bool
    /// The other parts of the module of the only layer.
    private var neighbours = LayerNeighbours()

    /// One layer with the outputs of all heads.
    init(_ places: HeadPlaces, _ layer: TorchLayer) {
        let path = layer.path.pathParts
        let module = path.dropLast(max(1, LayerNames.count(of: path))).joined(separator: ".")
        let tensors = places.table(inModule: module)
        self.init(
            manifest: places.manifest, tensors: tensors,
            source: .modules([String(layer.path.dropFirst(tensors.prefix.count))]), isList: false)
        neighbours = places.modules.neighbours(of: layer)
    }

    init(_ places: HeadPlaces, tensors layer: LayerTensors) {
        self.init(
            manifest: places.manifest, tensors: places.table(""), source: .tensors([layer]),
            isList: false)
    }

    init(_ places: HeadPlaces, list paths: [String], in module: String) {
        let tensors = places.table(inModule: module.parentPath)
        self.init(
            manifest: places.manifest, tensors: tensors,
            source: .modules(paths.map { String($0.dropFirst(tensors.prefix.count)) }),
            isList: true)
    }

    init(_ places: HeadPlaces, layers: [LayerTensors]) {
        self.init(
            manifest: places.manifest, tensors: places.table(""), source: .tensors(layers),
            isList: true)
    }

    private init(manifest: ModelManifest, tensors: TensorTable, source: Source, isList: Bool) {
        self.manifest = manifest
        self.tensors = tensors
        self.source = source
        self.isList = isList
    }

    // MARK: Place

    /// Names of the layers, below the prefix.
    private var names: [String] {
        switch source {
        case .modules(let names): names
        case .tensors(let layers): layers.map(\.name)
        }
    }

    var layers: [String] { names.map { tensors.prefix + $0 } }

    var place: HeadPlace {
        let shape =
            switch source {
            case .modules(let names): tensors.shape(names[0] + ".weight")
            case .tensors(let layers): tensors.shape(layers[0].weight)
            }
        return HeadPlace(name: layers[0], shape: shape)
    }

    var passedThrough: [HeadPlace] {
        PassedLayers(manifest, tensors.checkpoint, module: tensors.prefix.trimmedPath)
            .places(
                besides: layers, before: neighbours.before, width: place.shape?.last,
                onLevel: true)
    }

    var unused: [HeadPlace] {
        guard let tensorsOfLayers = try? layerTensors(), let shape = place.shape, shape.count == 2
        else { return [] }
        return LevelParts(
            beside: layers, in: tensors.prefix.trimmedPath, shape: shape, inputs: shape[1],
            outputs: shape[0],
            used: tensorsOfLayers.reduce(into: []) { $0.formUnion($1.used) },
            of: tensors.checkpoint
        ).unused
    }

    var namedTensors: [TensorNames.Role] {
        isList ? [.heads, .preLogits] : [.weight, .bias, .preLogits]
    }

    var isCertain: Bool { manifest.head != nil || isPickled }

    /// Whether a pickled module has several heads that fill the layer.
    private var isPickled: Bool {
        guard !isList, let sizes = pickledSizes, sizes.count > 1 else { return false }
        return place.shape?.first == Self.rowCount(sizes)
    }

    // MARK: Facts

    func facts() throws(ModelError) -> HeadFacts {
        let (radix, heads) = (try radix(), try sizes())
        let shapes = try layerShapes(heads)
        let features = shapes[0].inputCount
        return HeadFacts(
            origin: "Anoise/MHE", rule: rule,
            settings: [
                (.heads, storedSizes(shapes).map { .checkpoint("\($0)") } ?? .required),
                (.classes, .required),
                (.headActivation, .required),
            ],
            sizes: HeadSizes(
                inputCount: try preLogits.torchInputCount(featureCount: features),
                featureCount: features, classCount: radix?.classCount, heads: heads),
            parameterCount: shapes.reduce(0) { $0 + $1.parameterCount },
            comparison: radix.flatMap {
                .dense(featureCount: features, classCount: $0.classCount)
            })
    }

    private var rule: String {
        guard !isList else {
            return names.map { "`\($0)`" }.joined(separator: ", ")
                + ": a dense layer for each digit of a label"
        }
        return "`\(names[0]).weight`, one dense layer, and "
            + (manifest.head == nil ? "the module's num_classes" : "`head` in model.json")
            + ": the digits of a label, head after head"
    }

    func head() throws(ModelError) -> any Head {
        guard let radix = try radix(), let activation = manifest.headActivation else {
            throw .incomplete(try report())
        }
        _ = try layerShapes(radix.sizes)
        let layer = try tensors.joined(try layerTensors())
        return ProductHead(
            layer: layer, radix: radix, activation: activation,
            preLogits: try preLogits.torchLayer(featureCount: layer.inputCount))
    }

    private var preLogits: PreLogitsRecognition {
        PreLogitsRecognition(manifest: manifest, tensors: tensors)
    }

    // MARK: Layers

    private func layerTensors() throws(ModelError) -> [LayerTensors] {
        try neighbours.refuseBehind(place.name, manifest)
        var layers: [LayerTensors] = []
        switch source {
        case .tensors(let named): layers = named
        case .modules(let names):
            for name in names { layers.append(try tensors.torchTensors(name)) }
        }
        if !isList { layers[0] = try NamedTensors(tensors, manifest).completed(layers[0]) }
        let check = HeadLayerCheck(
            checkpoint: tensors.checkpoint, manifest: manifest, isListed: isList)
        for layer in layers { try check.check(layer) }
        return layers
    }

    /// The layers' shapes, all of one width. The layer of the authors' modules has a bias.
    private func layerShapes(_ heads: [Int]?) throws(ModelError) -> [LayerShape] {
        var shapes: [LayerShape] = []
        let layers = try layerTensors()
        if layers.count > 1, let layer = layers.first(where: { $0.layout != .outputMajor }) {
            throw .unexpectedTensor(
                name: layer.weight,
                reason: "several layers of the JAX code are not joined to one head")
        }
        for layer in layers {
            shapes.append(
                try tensors.layerShape(
                    layer, inputs: shapes.first?.inputCount,
                    outputs: isList ? heads?[shapes.count] : heads.map(Self.rowCount)))
        }
        if case .modules(let names) = source, !isList, !shapes[0].hasBias {
            throw tensors.missing(
                names[0] + ".bias",
                wayOut: "the authors' modules have one; for a layer without, say "
                    + "\"tensors\": {\"weight\": \"\(place.name)\"}")
        }
        return shapes
    }

    // MARK: Sizes

    /// Sizes of the heads by their layers, by a pickled module or by `model.json`; nil where none
    /// has them.
    private func sizes() throws(ModelError) -> [Int]? {
        let found = isList ? try listedSizes() : pickledSizes
        guard let found else { return manifest.heads }
        guard let given = manifest.heads, given != found else { return found }
        throw .contradiction(
            key: "heads",
            reason: isList
                ? "its layers have \(found) outputs" : "its module has num_classes \(found)")
    }

    private func listedSizes() throws(ModelError) -> [Int] {
        var sizes: [Int] = []
        for layer in try layerTensors() { sizes.append(try tensors.layerShape(layer).outputCount) }
        return sizes
    }

    /// The sizes that the checkpoint has.
    private func storedSizes(_ shapes: [LayerShape]) -> [Int]? {
        isList ? shapes.map(\.outputCount) : pickledSizes
    }

    /// The `num_classes` of a pickled module, each at least 1; nil where there is none or several
    /// differ.
    private var pickledSizes: [Int]? {
        var found: Set<[Int]> = []
        for (name, value) in tensors.checkpoint.attributes {
            guard case .ints(let sizes) = value, !sizes.isEmpty, sizes.allSatisfy({ $0 >= 1 }),
                name == "num_classes" || name.hasSuffix(".num_classes")
            else { continue }
            found.insert(sizes)
        }
        return found.count == 1 ? found.first : nil
    }

    /// Σ C_h, or the largest number in its place: sizes whose product fits may have a sum that
    /// does not, as [2⁶³ - 1, 1] has.
    private static func rowCount(_ sizes: [Int]) -> Int {
        sizes.reduce(0) { sum, size in size > .max - sum ? .max : sum + size }
    }

    /// nil where sizes or classes are missing.
    private func radix() throws(ModelError) -> MixedRadix? {
        guard let sizes = try sizes(), let classes = manifest.classes else { return nil }
        return try MixedRadix.of(sizes, classCount: classes)
    }
}

extension TensorTable {
    /// Output-major layers of one input width as one layer, whose outputs are theirs one behind the
    /// other. A layer without a bias adds zeros.
    func joined(_ layers: [LayerTensors]) throws(ModelError) -> DenseLayer {
        guard layers.count > 1 else { return try denseLayer(layers[0]) }
        var shapes: [LayerShape] = []
        var bias: [Float] = []
        for layer in layers {
            let shape = try layerShape(layer, inputs: shapes.first?.inputCount)
            shapes.append(shape)
            bias +=
                try biases(layer, count: shape.outputCount)
                ?? [Float](repeating: 0, count: shape.outputCount)
        }
        return DenseLayer(
            weights: try byFullName.packed(
                layers[0].weight, outputCount: bias.count, inputCount: shapes[0].inputCount,
                layout: .outputMajor
            ) { body throws(ModelError) in
                for (layer, shape) in zip(layers, shapes) {
                    try forEachRows(of: layer, shape, body)
                }
            },
            bias: layers.contains { $0.bias != nil } ? bias : nil)
    }
}
