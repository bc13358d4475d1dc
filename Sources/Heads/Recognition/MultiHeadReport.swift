internal import Predictions

extension MultiHeadRecognition {
    func report() throws(ModelError) -> HeadReport {
        switch kinds.first {
        case .mhp?: return try productReport()
        case .mhs?, .arcFaceMHS?: return try samplingReport()
        default: return try denseReport()
        }
    }

    /// What an undecided head could be, less what `model.json` contradicts. A key that one choice
    /// needs is no use to another, so the choice comes first.
    private func choices() throws(ModelError) -> [HeadChoice] {
        guard kind == nil else { return [] }
        var choices: [HeadChoice] = []
        var refusal: ModelError?
        for kind in kinds {
            var decided = manifest
            decided.head = kind
            do throws(ModelError) {
                let report = try MultiHeadRecognition(manifest: decided, tensors: tensors).report()
                choices.append(HeadChoice(head: kind, missingKeys: report.missingKeys))
            } catch {
                refusal = error
            }
        }
        if choices.isEmpty, let refusal { throw refusal }
        return choices
    }

    /// The rest of a report, which is the same for every kind.
    private func report(
        rule: String, settings: [ManifestKeyRule], sizes: HeadSizes, parameterCount: Int,
        isOneLayer: Bool = false
    ) throws(ModelError) -> HeadReport {
        let plain = sizes.classCount.flatMap {
            ParameterComparison.dense(featureCount: sizes.featureCount, classCount: $0)
        }
        return HeadReport(
            checkpoint: tensors.path, head: kind, choices: try choices(),
            origin: isOneLayer ? Self.anyModule : "Anoise/MHE", prefix: tensors.prefix,
            rule: rule,
            settings: kind.map { manifest.settings([(.head, .file($0.rawValue))] + settings) }
                ?? manifest.undecidedSettings(),
            sizes: sizes, parameterCount: parameterCount,
            comparison: isOneLayer ? nil : plain)
    }

    private func inputCount(_ featureCount: Int) throws(ModelError) -> Int {
        try PreLogitsRecognition(manifest: manifest, tensors: tensors)
            .torchInputCount(featureCount: featureCount)
    }

    // MARK: The kinds

    private func productReport() throws(ModelError) -> HeadReport {
        let (radix, heads) = (try productRadix(), try productSizes())
        let layer = try tensors.torchLayerShape(
            Self.productName, outputs: heads.map(Self.rowCount))
        return try report(
            rule: "`classifier.weight`, one dense layer, and "
                + (manifest.head == nil ? "the module's num_classes" : "`head` in model.json")
                + ": the digits of a label, head after head",
            settings: [
                (.heads, pickledSizes.map { .file("\($0)") } ?? .asked), (.classes, .asked),
                (.headActivation, .asked),
            ],
            sizes: HeadSizes(
                inputCount: try inputCount(layer.inputCount), featureCount: layer.inputCount,
                classCount: radix?.classCount, heads: heads),
            parameterCount: layer.parameterCount)
    }

    private func samplingReport() throws(ModelError) -> HeadReport {
        let shape = try samplingWeightShape()
        let (rows, features) = (shape[0] * shape[1], shape[2])
        let classes = try classCount(rows: rows)
        let scale = ManifestKeyRule(.scale, .standard("\(ModelManifest.defaultScale)"))
        let link = ManifestKeyRule(.link, .standard(Link.softmax.rawValue))
        return try report(
            rule: "`weight` \(shape), alone and of three dimensions: one row a label",
            settings: [
                (.heads, .file("\([shape[0], shape[1]])")), (.classes, .file("\(rows)")),
                manifest.head == .arcFaceMHS ? scale : link,
            ],
            sizes: HeadSizes(
                inputCount: try inputCount(features), featureCount: features,
                classCount: classes, heads: [shape[0], shape[1]]),
            parameterCount: rows * features)
    }

    private func denseReport() throws(ModelError) -> HeadReport {
        let layer = try tensors.torchLayerShape(
            denseName ?? Self.productName, mayLackBias: true)
        if manifest.head == .dense { try manifest.require(classCount: layer.outputCount) }
        return try report(
            rule: "`\(layer.kernel)` [\(layer.outputCount), \(layer.inputCount)], one dense layer",
            settings: [try denseLink.setting(), (.classes, .file("\(layer.outputCount)"))],
            sizes: HeadSizes(
                inputCount: try inputCount(layer.inputCount), featureCount: layer.inputCount,
                classCount: kinds == [.dense] ? layer.outputCount : nil),
            parameterCount: layer.parameterCount, isOneLayer: true)
    }

    private static let anyModule = "any PyTorch module"

    /// No name of a PyTorch layer shows its link.
    var denseLink: LinkRecognition {
        LinkRecognition(
            manifest: manifest, rule: .asked, origin: Self.anyModule, prefix: tensors.prefix)
    }
}
