internal import Checkpoints
internal import LogitKernels
internal import Predictions

/// Recognises MHS heads, trained plainly or with ArcFace, by a lone `weight` [C0, C1, D]. Nothing
/// in the file says how it was trained, so it could be either.
struct MHSRecognizer: HeadRecognizer {
    private static let kinds: [HeadKind] = [.mhs, .arcFaceMHS]

    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        let tensors = places.torch
        let kinds: [HeadKind]
        if let named = places.manifest.head {
            kinds = Self.kinds.filter { $0 == named }
            if !kinds.isEmpty { try requirePlace(in: places) }
        } else {
            kinds = tensors.shape("weight")?.count == 3 ? Self.kinds : []
        }
        return kinds.map {
            MHSRecognition(kind: $0, manifest: places.manifest, tensors: tensors)
        }
    }
}

extension MHSRecognizer {
    /// Refuses a file with weights of three dimensions, but none where they are looked for.
    private func requirePlace(in places: HeadPlaces) throws(ModelError) {
        let name = "weight"
        guard places.manifest.prefix == nil, !places.torch.contains(name) else { return }
        let found = places.checkpoint.tensors.filter { tensor in
            tensor.shape.count == 3 && tensor.name.hasSuffix("." + name)
        }
        guard !found.isEmpty else { return }
        throw .severalPlaces(found.map { HeadPlace(name: $0.name.parentPath, shape: $0.shape) })
    }
}

/// An MHS head, which is a dense layer in label order at inference, or an ArcFace-MHS head.
private struct MHSRecognition: RecognizedHead {
    let kind: HeadKind
    let manifest: ModelManifest
    let tensors: TensorTable

    var isCertain: Bool { manifest.head != nil }

    var place: HeadPlace { HeadPlace(name: tensors.prefix, shape: tensors.shape("weight")) }

    var unused: [HeadPlace] {
        guard let shape = place.shape, shape.count == 3 else { return [] }
        return LevelParts(
            beside: layers, in: tensors.prefix.trimmedPath, shape: shape, inputs: shape[2],
            outputs: shape[0] * shape[1],
            used: [tensors.prefix + "weight", tensors.prefix + "bias"], of: tensors.checkpoint
        ).unused
    }

    func facts() throws(ModelError) -> HeadFacts {
        let shape = try weightShape()
        let (rows, features) = (shape[0] * shape[1], shape[2])
        let classes = try classCount(rows: rows)
        let biasCount = try biasShape(shape)?.reduce(1, *) ?? 0
        let others = biasCount == 0 ? "alone" : "beside `bias`"
        return HeadFacts(
            origin: "Anoise/MHE",
            rule: "`weight` \(shape), \(others) and of three dimensions: one row a label",
            settings: [
                (.heads, .checkpoint("\([shape[0], shape[1]])")),
                (.classes, .checkpoint("\(rows)")),
            ] + (try logitRules()),
            sizes: HeadSizes(
                inputCount: try preLogits.torchInputCount(featureCount: features),
                featureCount: features, classCount: classes, heads: [shape[0], shape[1]]),
            parameterCount: rows * features + biasCount,
            comparison: .dense(featureCount: features, classCount: classes))
    }

    func head() throws(ModelError) -> any Head {
        let layer = try layer()
        let preLogits = try preLogits.torchLayer(featureCount: layer.inputCount)
        guard kind == .arcFaceMHS else {
            let law = try LogitLaw(manifest)
            return DenseHead(
                kind: .mhs, layer: try law.applied(to: layer), link: link, preLogits: preLogits,
                factor: law.factor)
        }
        return ArcFaceHead(
            layer: layer, scale: Float(manifest.scale ?? ModelManifest.defaultScale),
            preLogits: preLogits)
    }

    /// [C0, C1, D] → K×D in label order; rows that are not labels are left out.
    private func layer() throws(ModelError) -> DenseLayer {
        let shape = try weightShape()
        let rowCount = try classCount(rows: shape[0] * shape[1])
        let hasUnitRows = kind == .arcFaceMHS || manifest.normalizeWeights == true
        let bias = try biasShape(shape).map { (shape) throws(ModelError) in
            Array(try tensors.values("bias", shape: shape).prefix(rowCount))
        }
        return DenseLayer(
            weights: try tensors.withUnitRows(hasUnitRows).packedRows(
                "weight", shape: shape, rowCount: rowCount),
            bias: bias)
    }

    private var link: Link { manifest.link ?? .softmax }

    /// An ArcFace head normalises what its layer gets, so that an instance's length matters only
    /// to a layer in front of it.
    private func logitRules() throws(ModelError) -> [ManifestKeyRule] {
        guard kind == .arcFaceMHS else {
            _ = try LogitLaw(manifest)
            return [(.link, .defaultValue(Link.softmax.rawValue))] + manifest.logitRules(link)
        }
        let runsLayer = manifest.preLogits.map { $0 != PreLogitsActivation.none } ?? false
        if manifest.normalize == .l2, !runsLayer {
            throw .misfit(
                .useless(
                    keys: [ModelManifest.CodingKeys.normalize.rawValue], head: kind.rawValue,
                    purposes: ["it normalises its features in any case"]))
        }
        return [(.scale, .defaultValue("\(ModelManifest.defaultScale)"))]
    }

    /// The shape of a `bias` beside the weights, which has a number for every row, or for every
    /// label where there are fewer; nil where there is none. A cosine has no bias.
    private func biasShape(_ weights: [Int]) throws(ModelError) -> [Int]? {
        guard tensors.contains("bias") else {
            let rows = weights[0] * weights[1]
            try HeadLayerCheck.refuseVectors(
                beside: tensors.prefix + "weight", counts: [rows, try classCount(rows: rows)],
                shape: Array(weights.prefix(2)), in: tensors.checkpoint)
            return nil
        }
        guard let shape = tensors.shape("bias") else { throw tensors.missing("bias") }
        let name = tensors.prefix + "bias"
        guard kind != .arcFaceMHS else {
            throw .unexpectedTensor(
                name: name,
                reason: "the logits of an arcface-mhs head are scaled cosines, to "
                    + "which its authors add nothing; say \"head\": \"mhs\" if they are not")
        }
        let rows = weights[0] * weights[1]
        let classes = try classCount(rows: rows)
        guard [[rows], [classes], Array(weights.prefix(2))].contains(shape) else {
            throw .tensorShape(
                name: name, found: shape, expected: "[\(rows)] or \(Array(weights.prefix(2)))")
        }
        try tensors.require("bias", shape: shape)
        return shape
    }

    /// [C0, C1, D].
    private func weightShape() throws(ModelError) -> [Int] {
        let shape = try tensors.weightShape("weight", rank: 3)
        try tensors.refuseUnused(below: "", besides: ["weight", "bias"])
        try refuseSiblings(ofWeights: shape)
        if let heads = manifest.heads, heads != Array(shape.prefix(2)) {
            throw .contradiction(key: "heads", reason: "its weights are \(shape)")
        }
        return shape
    }

    /// Refuses tensors directly beside the weights whose first dimension is one of theirs, where
    /// `model.json` gives the prefix: what lies below it is the head's.
    private func refuseSiblings(ofWeights shape: [Int]) throws(ModelError) {
        guard !tensors.prefix.isEmpty else { return }
        let sizes = [shape[0], shape[0] * shape[1], shape[2]]
        for name in tensors.names(below: "") {
            let own = name.without(tensors.prefix)
            let found =
                tensors.checkpoint[name]?.shape
                ?? tensors.checkpoint.unreadTensor(named: name)?.shape
            guard own.lastPart == own, !["weight", "bias"].contains(own),
                let size = found?.first, sizes.contains(size)
            else { continue }
            throw .unexpectedTensor(
                name: name,
                reason: LayerAddition(own)?.reason
                    ?? "it has a size of the weights \(shape), so it may change the logits, and "
                    + "nothing is known of it; leave it out of the file if it does not")
        }
    }

    private func classCount(rows: Int) throws(ModelError) -> Int {
        guard let classes = manifest.classes else { return rows }
        guard classes <= rows else {
            throw .contradiction(key: "classes", reason: "its weights have \(rows) rows")
        }
        return classes
    }

    private var preLogits: PreLogitsRecognition {
        PreLogitsRecognition(manifest: manifest, tensors: tensors)
    }
}
