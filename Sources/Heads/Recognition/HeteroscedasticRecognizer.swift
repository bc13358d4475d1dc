internal import LogitKernels
internal import Predictions

/// Recognises HET and HET-XL heads by the layouts of their implementations.
struct HeteroscedasticRecognizer: HeadRecognizer {
    /// A new implementation is a file and an entry here; the first one that knows a name has it.
    private static let layouts: [any HeteroscedasticLayout.Type] = [
        BaselinesLayout.self, UntangleLayout.self, URLLayout.self,
    ]

    /// Places that are compared by their layers. A file with more of them is refused by their names
    /// alone, before their shapes are read.
    private static let maxPlaces = 64

    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead] {
        guard [nil, .het, .hetXL].contains(places.manifest.head) else { return [] }
        let found = places.names.compactMap { name -> (any HeteroscedasticLayout)? in
            for layout in Self.layouts {
                if let found = layout.init(markedBy: name, in: places) { return found }
            }
            return nil
        }
        let named = places.named(found, path: \.tensors.prefix)
        guard named.count <= Self.maxPlaces else { throw .severalPlaces(named.map(\.place)) }
        var heads: [any RecognizedHead] = []
        for layout in named {
            let shape = try layout.shape()
            let kinds = try kinds(layout, shape, places.manifest)
            heads += kinds.map { kind in
                HeteroscedasticRecognition(
                    kind: kind, isCertain: kinds.count == 1, manifest: places.manifest,
                    layout: layout, shape: shape)
            }
        }
        return heads
    }

    /// HET-XL if the noise is D wide, HET if K; both when K = D and `model.json` names neither.
    private func kinds(
        _ layout: any HeteroscedasticLayout, _ shape: HeteroscedasticShape,
        _ manifest: ModelManifest
    ) throws(ModelError) -> [HeadKind] {
        if let only = layout.onlyKind {
            guard manifest.head ?? only == only else {
                throw .contradiction(
                    key: "head", reason: "\(layout.origin) writes \(only.rawValue) heads only")
            }
            return [only]
        }
        let (features, classes) = (shape.featureCount, shape.classCount)
        let isWide = shape.latentCount == features
        let kind = manifest.head ?? (isWide ? .hetXL : .het)
        let expected = kind == .hetXL ? features : classes
        guard shape.latentCount == expected else {
            throw .tensorShape(
                name: layout.tensors.prefix + shape.diagonal.kernel,
                found: layout.tensors.shape(shape.diagonal.kernel) ?? [],
                expected: "\(expected) outputs for a \(kind.rawValue) head")
        }
        return manifest.head == nil && features == classes ? [.hetXL, .het] : [kind]
    }
}

/// A HET or HET-XL head: the layers of its layout, completed by `model.json`.
private struct HeteroscedasticRecognition: RecognizedHead {
    let kind: HeadKind
    let isCertain: Bool
    let manifest: ModelManifest
    let layout: any HeteroscedasticLayout
    let shape: HeteroscedasticShape

    var tensors: TensorTable { layout.tensors }

    var place: HeadPlace { layout.place }

    var layers: [String] { layout.layers }

    var passedThrough: [HeadPlace] {
        PassedLayers(manifest, tensors.checkpoint, module: layout.module)
            .places(besides: layers, width: shape.featureCount)
    }

    func head() throws(ModelError) -> any Head {
        guard let link = link.value, let temperature = try temperatureRule.value() else {
            throw .incomplete(try report())
        }
        let members = try layout.members(shape).map { layers in
            HeteroscedasticWeights(
                location: layers.location, diagonal: layers.diagonal, loadings: layers.loadings,
                factorCount: shape.factorCount, space: kind == .hetXL ? .features : .logits,
                diagonalNoise: manifest.diagonalNoise ?? layout.law.diagonalNoise,
                deviation: layout.law.deviation, temperature: temperature)
        }
        return HeteroscedasticHead(
            members: members, link: link,
            defaultSampleCount: manifest.samples ?? manifest.fallbackSamples,
            preLogits: try preLogits(shape.featureCount))
    }

    func facts() throws(ModelError) -> HeadFacts { try facts(kind) }

    func facts(among kinds: [HeadKind]) throws(ModelError) -> HeadFacts { try facts(nil) }

    /// The facts of one kind; those of both when `kind` is nil.
    private func facts(_ kind: HeadKind?) throws(ModelError) -> HeadFacts {
        HeadFacts(
            origin: layout.origin, rule: rule(kind), settings: try settings(),
            sizes: HeadSizes(
                inputCount: try inputCount(shape.featureCount),
                featureCount: shape.featureCount, classCount: shape.classCount,
                factorCount: shape.factorCount, memberCount: shape.memberCount),
            parameterCount: shape.parameterCount, comparison: kind.flatMap(comparison))
    }

    private func preLogits(_ featureCount: Int) throws(ModelError) -> PreLogitsLayer? {
        let layer = PreLogitsRecognition(manifest: manifest, tensors: tensors)
        return layout.isJAX
            ? try layer.jaxLayer(featureCount: featureCount)
            : try layer.torchLayer(featureCount: featureCount)
    }

    private func inputCount(_ featureCount: Int) throws(ModelError) -> Int {
        let layer = PreLogitsRecognition(manifest: manifest, tensors: tensors)
        return layout.isJAX
            ? try layer.jaxInputCount(featureCount: featureCount)
            : try layer.torchInputCount(featureCount: featureCount)
    }

    private func rule(_ kind: HeadKind?) -> String {
        let (d, k, n) = (shape.featureCount, shape.classCount, shape.latentCount)
        let reason =
            switch kind {
            case nil: "het-xl or het, for D = K = \(d)"
            case .hetXL?: "het-xl, for the noise is as wide as the features: D = \(n), K = \(k)"
            default: "het, for the noise is as wide as the logits: K = \(n), D = \(d)"
            }
        let place = tensors.prefix.isEmpty ? "" : " below `\(tensors.prefix)`"
        return "`\(layout.marker)`\(place): a head of \(layout.origin); \(reason)"
    }

    /// The other kind with the same D, K and R: N is K instead of D, or D instead of K.
    private func comparison(_ kind: HeadKind) -> ParameterComparison? {
        let other: HeadKind = kind == .hetXL ? .het : .hetXL
        return shape.parameterCount(
            latentCount: other == .hetXL ? shape.featureCount : shape.classCount
        ).map { ParameterComparison(head: other, parameterCount: $0) }
    }

    // MARK: Keys of model.json

    private func settings() throws(ModelError) -> [ManifestKeyRule] {
        try manifest.require(classCount: shape.classCount)
        return try temperatureRule.settings()
            + [
                try link.setting(), (.classes, .checkpoint("\(shape.classCount)")),
                (.diagonalNoise, .defaultValue(layout.law.diagonalNoise.rawValue)),
                (.samples, .defaultValue("\(ModelManifest.defaultSamples)")),
            ]
    }

    private var link: LinkRecognition {
        LinkRecognition(
            manifest: manifest, rule: layout.law.link, origin: layout.origin,
            prefix: tensors.prefix)
    }

    private var temperatureRule: TemperatureRecognition {
        TemperatureRecognition(manifest: manifest, tensors: tensors, law: layout.law.temperature)
    }
}
