internal import Checkpoints
internal import LogitKernels
internal import Predictions

/// MHP, MHC, MHS and plain dense heads as PyTorch modules name them of Anoise/MHE.
struct MultiHeadRecognition: RecognizedHead {
    let manifest: ModelManifest
    let tensors: TensorTable

    /// nil when there is no such head.
    func recognized() -> (any RecognizedHead)? {
        if kinds == [.mhc] { return CascadeRecognition(manifest: manifest, tensors: tensors) }
        return kinds.isEmpty ? nil : self
    }

    /// The kind the manifest names, or those the tensor names allow.
    var kinds: [HeadKind] {
        switch manifest.head {
        case .het, .hetXL: []
        case .dense: denseName == nil ? [] : [.dense]
        case let told?: [told]
        case nil: kindsByNames
        }
    }

    private var kindsByNames: [HeadKind] {
        if CascadeRecognition.layout(in: tensors) != nil { return [.mhc] }
        switch denseName {
        case Self.productName?: return isPickledProduct ? [.mhp] : [.dense, .mhp]
        case nil: return samplingShape == nil ? [] : [.mhs, .arcFaceMHS]
        default: return [.dense]
        }
    }

    /// The kind, where it is decided. One dense layer may be cut in another way than it seems, so
    /// it is asked for unless a module tells the sizes of its heads.
    var kind: HeadKind? { manifest.head ?? (kinds == [.mhp] ? .mhp : nil) }

    /// Whether a pickled module has several heads that fill the layer.
    private var isPickledProduct: Bool {
        guard let sizes = pickledSizes, sizes.count > 1 else { return false }
        return tensors.shape(Self.productName + ".weight")?.first == Self.rowCount(sizes)
    }

    func head() throws(ModelError) -> any Head {
        switch kind {
        case .mhp: try productHead()
        case .mhs: try samplingHead()
        case .arcFaceMHS: try arcFaceHead()
        case .dense: try denseHead()
        case .mhc, .het, .hetXL, nil: throw .incomplete(try report())
        }
    }

    // MARK: MHP

    /// The layer of the authors' MHP modules.
    static let productName = "classifier"

    private func productHead() throws(ModelError) -> any Head {
        guard let radix = try productRadix(), let activation = manifest.headActivation else {
            throw .incomplete(try report())
        }
        let layer = try tensors.torchLayer(Self.productName, outputs: Self.rowCount(radix.sizes))
        return ProductHead(
            layer: layer, radix: radix, activation: activation, preLogits: try preLogits(layer))
    }

    /// Sizes of an MHP's heads by model.json or by a pickled module; nil where neither tells.
    func productSizes() throws(ModelError) -> [Int]? {
        guard let found = pickledSizes else { return manifest.heads }
        guard let told = manifest.heads, told != found else { return found }
        throw .contradiction(key: "heads", reason: "its module has num_classes \(found)")
    }

    /// What a pickled module has as `num_classes`, each at least 1; nil where there is none or
    /// several differ.
    var pickledSizes: [Int]? {
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
    static func rowCount(_ sizes: [Int]) -> Int {
        sizes.reduce(0) { sum, size in size > .max - sum ? .max : sum + size }
    }

    /// nil where sizes or classes are not told.
    func productRadix() throws(ModelError) -> MixedRadix? {
        guard let sizes = try productSizes(), let classes = manifest.classes else { return nil }
        guard let radix = MixedRadix(sizes: sizes, classCount: classes) else {
            throw .contradiction(key: "classes", reason: "\(classes) labels need as many codes")
        }
        return radix
    }

    // MARK: MHS and ArcFace

    /// The shape of a lone 3-D `weight` [C0, C1, D].
    var samplingShape: [Int]? {
        tensors.shape("weight").flatMap { $0.count == 3 ? $0 : nil }
    }

    /// [C0, C1, D].
    func samplingWeightShape() throws(ModelError) -> [Int] {
        let shape = try tensors.weightShape("weight", rank: 3)
        if let heads = manifest.heads, heads != Array(shape.prefix(2)) {
            throw .contradiction(key: "heads", reason: "its weights are \(shape)")
        }
        return shape
    }

    private func samplingHead() throws(ModelError) -> any Head {
        let layer = try flattenedLayer()
        return DenseHead(
            kind: .mhs, layer: layer, link: manifest.link ?? .softmax,
            preLogits: try preLogits(layer))
    }

    private func arcFaceHead() throws(ModelError) -> any Head {
        let layer = try flattenedLayer { UnitRows.normalize(&$0, width: $1) }
        return ArcFaceHead(
            layer: layer, scale: Float(manifest.scale ?? ModelManifest.defaultScale),
            preLogits: try preLogits(layer))
    }

    /// [C0, C1, D] → K×D in label order; rows that are no label are left out.
    private func flattenedLayer(
        _ prepare: ((inout [Float], _ width: Int) -> Void)? = nil
    ) throws(ModelError) -> DenseLayer {
        let shape = try samplingWeightShape()
        let rowCount = try classCount(rows: shape[0] * shape[1])
        return DenseLayer(
            weights: try tensors.packedRows(
                "weight", shape: shape, rowCount: rowCount, prepare),
            bias: nil)
    }

    func classCount(rows: Int) throws(ModelError) -> Int {
        guard let classes = manifest.classes else { return rows }
        guard classes <= rows else {
            throw .contradiction(key: "classes", reason: "its weights have \(rows) rows")
        }
        return classes
    }

    // MARK: Dense

    /// Names under which modules keep a last dense layer.
    private static let denseNames = ["classifier", "fc", "head", "l0"]

    /// The first of those names with a matrix; "" for a bare `weight`.
    var denseName: String? {
        let names = Self.denseNames.filter { tensors.shape($0 + ".weight")?.count == 2 }
        return names.first ?? (tensors.shape("weight")?.count == 2 ? "" : nil)
    }

    private func denseHead() throws(ModelError) -> any Head {
        guard let link = denseLink.value else { throw .incomplete(try report()) }
        let name = denseName ?? Self.productName
        let layer = name.isEmpty ? try bareLayer() : try tensors.torchLayer(name)
        return DenseHead(kind: .dense, layer: layer, link: link, preLogits: try preLogits(layer))
    }

    /// A state dict that is nothing but `weight` and perhaps `bias`.
    private func bareLayer() throws(ModelError) -> DenseLayer {
        let shape = try tensors.shape("weight", rank: 2)
        return DenseLayer(
            weights: try tensors.packedRows("weight", shape: shape, rowCount: shape[0]),
            bias: tensors.contains("bias") ? try tensors.values("bias", shape: [shape[0]]) : nil)
    }

    private func preLogits(_ layer: DenseLayer) throws(ModelError) -> PreLogitsLayer? {
        try PreLogitsRecognition(manifest: manifest, tensors: tensors)
            .torchLayer(featureCount: layer.inputCount)
    }
}
