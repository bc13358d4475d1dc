internal import LogitKernels
internal import Predictions

/// A HET or HET-XL head: what its layout stores, completed by what `model.json` says.
struct HeteroscedasticRecognition: RecognizedHead {
    let manifest: ModelManifest
    let layout: any HeteroscedasticLayout

    private var tensors: TensorTable { layout.tensors }

    func head() throws(ModelError) -> any Head {
        let shape = try layout.shape()
        guard let kind = try kind(shape), let link = link.value,
            let temperature = try temperatureRule.value()
        else {
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
            defaultSampleCount: manifest.samples ?? ModelManifest.defaultSamples,
            preLogits: try preLogits(shape.featureCount))
    }

    func report() throws(ModelError) -> HeadReport {
        let shape = try layout.shape()
        let kind = try kind(shape)
        return HeadReport(
            checkpoint: tensors.path, head: kind,
            choices: kind == nil
                ? [.hetXL, .het].map { HeadChoice(head: $0, missingKeys: []) } : [],
            origin: layout.origin, prefix: tensors.prefix, rule: rule(kind, shape),
            settings: manifest.settings(try settings(kind, shape)),
            sizes: HeadSizes(
                inputCount: try inputCount(shape.featureCount),
                featureCount: shape.featureCount, classCount: shape.classCount,
                factorCount: shape.factorCount, memberCount: shape.memberCount),
            parameterCount: shape.parameterCount,
            comparison: kind.flatMap { comparison($0, shape) })
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

    // MARK: The kind

    /// HET-XL if the noise is D wide, HET if K; nil when K = D and `model.json` does not say.
    private func kind(_ shape: HeteroscedasticShape) throws(ModelError) -> HeadKind? {
        if let only = layout.onlyKind {
            guard manifest.head ?? only == only else {
                throw .contradiction(
                    key: "head", reason: "\(layout.origin) writes \(only.rawValue) heads only")
            }
            return only
        }
        let (features, classes) = (shape.featureCount, shape.classCount)
        let isWide = shape.latentCount == features
        let kind = manifest.head ?? (isWide ? .hetXL : .het)
        let expected = kind == .hetXL ? features : classes
        guard shape.latentCount == expected else {
            throw .tensorShape(
                name: tensors.prefix + shape.diagonal.kernel,
                found: tensors.shape(shape.diagonal.kernel) ?? [],
                expected: "\(expected) outputs for a \(kind.rawValue) head")
        }
        return manifest.head == nil && features == classes ? nil : kind
    }

    private func rule(_ kind: HeadKind?, _ shape: HeteroscedasticShape) -> String {
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
    private func comparison(
        _ kind: HeadKind, _ shape: HeteroscedasticShape
    ) -> ParameterComparison? {
        let other: HeadKind = kind == .hetXL ? .het : .hetXL
        return shape.parameterCount(
            latentCount: other == .hetXL ? shape.featureCount : shape.classCount
        ).map { ParameterComparison(head: other, parameterCount: $0) }
    }

    // MARK: What the weights do not tell

    private func settings(
        _ kind: HeadKind?, _ shape: HeteroscedasticShape
    ) throws(ModelError) -> [ManifestKeyRule] {
        try manifest.require(classCount: shape.classCount)
        return [(.head, kind.map { .file($0.rawValue) } ?? .asked)]
            + (try temperatureRule.settings())
            + [
                try link.setting(), (.classes, .file("\(shape.classCount)")),
                (.diagonalNoise, .standard(layout.law.diagonalNoise.rawValue)),
                (.samples, .standard("\(ModelManifest.defaultSamples)")),
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
