internal import Checkpoints
internal import LogitKernels
internal import Predictions

/// Recognises MHP heads: one dense layer, `classifier`, whose outputs are the digits of a label.
struct ProductRecognizer: HeadRecognizer {
    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        let head = ProductRecognition(manifest: places.manifest, tensors: places.torch)
        return switch places.manifest.head {
        case .mhp: [head]
        case nil: head.hasLayer ? [head] : []
        default: []
        }
    }
}

/// An MHP head. One dense layer may be cut in another way than it seems, so it is asked for unless
/// a module says the sizes of its heads.
private struct ProductRecognition: RecognizedHead {
    let kind = HeadKind.mhp
    let manifest: ModelManifest
    let tensors: TensorTable

    /// The layer of the authors' modules.
    private static let name = "classifier"

    var hasLayer: Bool { tensors.shape(Self.name + ".weight")?.count == 2 }

    var isCertain: Bool { manifest.head != nil || isPickled }

    /// Whether a pickled module has several heads that fill the layer.
    private var isPickled: Bool {
        guard let sizes = pickledSizes, sizes.count > 1 else { return false }
        return tensors.shape(Self.name + ".weight")?.first == Self.rowCount(sizes)
    }

    func facts() throws(ModelError) -> HeadFacts {
        let (radix, heads) = (try radix(), try sizes())
        let layer = try tensors.torchLayerShape(Self.name, outputs: heads.map(Self.rowCount))
        return HeadFacts(
            origin: "Anoise/MHE",
            rule: "`classifier.weight`, one dense layer, and "
                + (manifest.head == nil ? "the module's num_classes" : "`head` in model.json")
                + ": the digits of a label, head after head",
            settings: [
                (.heads, pickledSizes.map { .checkpoint("\($0)") } ?? .required),
                (.classes, .required),
                (.headActivation, .required),
            ],
            sizes: HeadSizes(
                inputCount: try preLogits.torchInputCount(featureCount: layer.inputCount),
                featureCount: layer.inputCount, classCount: radix?.classCount, heads: heads),
            parameterCount: layer.parameterCount,
            comparison: radix.flatMap {
                .dense(featureCount: layer.inputCount, classCount: $0.classCount)
            })
    }

    func head() throws(ModelError) -> any Head {
        guard let radix = try radix(), let activation = manifest.headActivation else {
            throw .incomplete(try report())
        }
        let layer = try tensors.torchLayer(Self.name, outputs: Self.rowCount(radix.sizes))
        return ProductHead(
            layer: layer, radix: radix, activation: activation,
            preLogits: try preLogits.torchLayer(featureCount: layer.inputCount))
    }

    private var preLogits: PreLogitsRecognition {
        PreLogitsRecognition(manifest: manifest, tensors: tensors)
    }

    // MARK: Sizes

    /// Sizes of the heads by `model.json` or by a pickled module; nil where neither has them.
    private func sizes() throws(ModelError) -> [Int]? {
        guard let found = pickledSizes else { return manifest.heads }
        guard let given = manifest.heads, given != found else { return found }
        throw .contradiction(key: "heads", reason: "its module has num_classes \(found)")
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
        guard let radix = MixedRadix(sizes: sizes, classCount: classes) else {
            throw .contradiction(key: "classes", reason: "\(classes) labels need as many codes")
        }
        return radix
    }
}
