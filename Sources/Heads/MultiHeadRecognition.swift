internal import Checkpoints
internal import LogitKernels

/// MHP, MHC, MHS and plain dense heads as PyTorch modules name them (science.md 4.5).
struct MultiHeadRecognition {
    let manifest: ModelManifest
    let tensors: TensorTable

    /// The head the manifest names, or the only one the tensor names allow; nil if there is none.
    func head() throws(ModelError) -> (any Head)? {
        switch manifest.head {
        case .mhc: return try CascadeRecognition(manifest: manifest, tensors: tensors).head()
        case .mhp: return try productHead()
        case .mhs: return try samplingHead()
        case .arcFaceMHS: return try arcFaceHead()
        case .dense: return try denseHead()
        case .het, .hetXL: return nil
        case nil: return try headByNames()
        }
    }

    private func headByNames() throws(ModelError) -> (any Head)? {
        if CascadeRecognition.layout(in: tensors) != nil {
            return try CascadeRecognition(manifest: manifest, tensors: tensors).head()
        }
        guard denseName != nil || samplingShape != nil else { return nil }
        let choices = samplingShape == nil ? "'dense' or 'mhp'" : "'mhs' or 'arcface-mhs'"
        throw .missingManifestKeys(keys: ["head"], reason: "its weights could be \(choices)")
    }

    // MARK: MHP

    private func productHead() throws(ModelError) -> any Head {
        let heads = try productSizes()
        var missing: [String] = []
        if heads == nil { missing.append("heads") }
        if manifest.classes == nil { missing.append("classes") }
        if manifest.headActivation == nil { missing.append("head_activation") }
        guard let sizes = heads, let classes = manifest.classes,
            let activation = manifest.headActivation
        else {
            throw .missingManifestKeys(
                keys: missing, reason: "an MHP layer does not show where its heads end")
        }
        guard let radix = MixedRadix(sizes: sizes, classCount: classes) else {
            throw .contradiction(key: "classes", reason: "\(classes) labels need as many codes")
        }
        // Sizes whose product fits may still have a sum that does not, as [2⁶³ - 1, 1] has.
        let rowCount = sizes.reduce(0) { sum, size in size > .max - sum ? .max : sum + size }
        let layer = try tensors.torchLayer("classifier", outputs: rowCount)
        return ProductHead(
            layer: layer, radix: radix, activation: activation, preLogits: try preLogits(layer))
    }

    /// C_h by model.json or by a pickled module's `num_classes` (design.md, section 3); where both
    /// tell, they must agree.
    private func productSizes() throws(ModelError) -> [Int]? {
        var pickled: Set<[Int]> = []
        for (name, value) in tensors.checkpoint.attributes {
            guard case .ints(let sizes) = value, !sizes.isEmpty,
                name == "num_classes" || name.hasSuffix(".num_classes")
            else { continue }
            pickled.insert(sizes)
        }
        guard pickled.count == 1, let found = pickled.first else { return manifest.heads }
        guard let stated = manifest.heads else { return found }
        guard stated == found else {
            throw .contradiction(key: "heads", reason: "its module has num_classes \(found)")
        }
        return stated
    }

    // MARK: MHS and ArcFace

    /// The shape of a lone 3-D `weight` [C0, C1, D].
    private var samplingShape: [Int]? {
        tensors.shape("weight").flatMap { $0.count == 3 ? $0 : nil }
    }

    private func samplingHead() throws(ModelError) -> any Head {
        let layer = try flattenedLayer { _, _ in }
        return DenseHead(
            kind: .mhs, layer: layer, link: manifest.link ?? .softmax,
            preLogits: try preLogits(layer))
    }

    private func arcFaceHead() throws(ModelError) -> any Head {
        let layer = try flattenedLayer { rows, width in
            UnitRows.normalize(&rows, width: width)
        }
        return ArcFaceHead(
            layer: layer, scale: Float(manifest.scale ?? ModelManifest.defaultScale),
            preLogits: try preLogits(layer))
    }

    /// [C0, C1, D] → K×D in label order; rows that are no label are left out.
    private func flattenedLayer(
        _ prepare: (inout [Float], _ width: Int) -> Void
    ) throws(ModelError) -> DenseLayer {
        let shape = try tensors.shape("weight", rank: 3)
        if let heads = manifest.heads, heads != Array(shape.prefix(2)) {
            throw .contradiction(key: "heads", reason: "its weights are \(shape)")
        }
        let rowCount = try classCount(rows: shape[0] * shape[1])
        var rows = Array(try tensors.values("weight", shape: shape).prefix(rowCount * shape[2]))
        prepare(&rows, shape[2])
        return DenseLayer(
            weights: PackedWeights(
                rows.span, outputCount: rowCount, inputCount: shape[2], layout: .outputMajor),
            bias: nil)
    }

    private func classCount(rows: Int) throws(ModelError) -> Int {
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
    private var denseName: String? {
        let names = Self.denseNames.filter { tensors.shape($0 + ".weight")?.count == 2 }
        return names.first ?? (tensors.shape("weight")?.count == 2 ? "" : nil)
    }

    private func denseHead() throws(ModelError) -> any Head {
        guard let name = denseName else { throw .missingTensor(name: "classifier.weight") }
        let layer =
            name.isEmpty
            ? try bareLayer()
            : try tensors.torchLayer(name)
        if let classes = manifest.classes, classes != layer.outputCount {
            throw .contradiction(
                key: "classes", reason: "its weights have \(layer.outputCount) rows")
        }
        return DenseHead(
            kind: .dense, layer: layer, link: manifest.link ?? .softmax,
            preLogits: try preLogits(layer))
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
