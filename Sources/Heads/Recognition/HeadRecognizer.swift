internal import Predictions

/// A way to recognise heads of one family by the names and shapes of tensors. Each is a file of its
/// own and an entry of `HeadRecognizers`.
protocol HeadRecognizer: Sendable {
    /// The heads that the checkpoint could hold, of the kind that `model.json` names where it names
    /// one. None where nothing points at this family; several where names and shapes leave open
    /// which it is. Throws where there is a head of this family with a defect.
    func candidates(in places: HeadPlaces) throws(ModelError) -> [any RecognizedHead]
}

/// A head that was recognised, before its weights are read.
protocol RecognizedHead {
    var kind: HeadKind { get }
    /// Whether the checkpoint or `model.json` shows that it is of this kind. Otherwise it is served
    /// only when `model.json` names its kind.
    var isCertain: Bool { get }
    var manifest: ModelManifest { get }
    /// The tensors below the head's prefix.
    var tensors: TensorTable { get }
    /// The prefix by which `model.json` names the head.
    var prefix: String { get }
    /// The place as people are told of it, where there are several heads.
    var place: HeadPlace { get }
    /// Full paths of the layers that belong to the head. A layer that belongs to a head of an
    /// earlier rank is no head of its own.
    var layers: [String] { get }
    /// The layers between a model's features and the head that the file has and that do not run
    /// here.
    var passedThrough: [HeadPlace] { get }
    /// The tensors on the head's level that have its sizes and are not used.
    var unused: [HeadPlace] { get }
    /// The parts of `tensors` in `model.json` that mean something to this kind of head.
    var namedTensors: [TensorNames.Role] { get }

    /// The facts of this kind of head. Throws where the checkpoint or `model.json` is wrong.
    func facts() throws(ModelError) -> HeadFacts

    /// The facts that hold whichever of `kinds` the head is.
    func facts(among kinds: [HeadKind]) throws(ModelError) -> HeadFacts

    /// The head with its weights, all finite. No key may be missing in the report.
    func head() throws(ModelError) -> any Head

    /// The names of the classes, where the checkpoint has them.
    func labels() throws(ModelError) -> [String]?

    /// The array that has them.
    var labelsName: String? { get }
}

/// The facts of a head that a report has beside its kind.
struct HeadFacts {
    /// The implementation whose names and law these are.
    let origin: String
    /// One sentence: the tensor by which the head was recognised, and the reason for its kind.
    let rule: String
    /// The keys of `model.json` that concern the head, without `head`; nil while they depend on its
    /// kind.
    let settings: [ManifestKeyRule]?
    let sizes: HeadSizes
    /// Numbers the head stores.
    let parameterCount: Int
    /// Another head of the same D and K; nil where K is not known.
    let comparison: ParameterComparison?
}

extension RecognizedHead {
    var prefix: String { tensors.prefix }

    var place: HeadPlace { HeadPlace(name: tensors.prefix, shape: nil) }

    var layers: [String] { [tensors.prefix.trimmedPath] }

    var passedThrough: [HeadPlace] {
        PassedLayers(manifest, tensors.checkpoint, module: tensors.prefix.trimmedPath)
            .places(besides: layers, width: place.shape?.last)
    }

    var unused: [HeadPlace] { [] }

    var namedTensors: [TensorNames.Role] { [.preLogits] }

    func labels() throws(ModelError) -> [String]? { nil }

    var labelsName: String? { nil }

    /// All but the keys, which depend on the kind.
    func facts(among kinds: [HeadKind]) throws(ModelError) -> HeadFacts {
        let facts = try facts()
        return HeadFacts(
            origin: facts.origin, rule: facts.rule, settings: nil, sizes: facts.sizes,
            parameterCount: facts.parameterCount, comparison: facts.comparison)
    }

    /// The report of a head whose kind is settled.
    func report() throws(ModelError) -> HeadReport {
        let facts = try facts()
        let rules =
            [(.head, .checkpoint(kind.rawValue))] + (facts.settings ?? []) + [(.tensors, .noStep)]
        try manifest.requireUse(ofAllBut: rules, by: kind)
        let settings = manifest.settings(rules)
        if facts.sizes.classCount == 1 { try OneClass.refuse(kind, settings) }
        return HeadReport(
            path: tensors.path, prefix: prefix, head: kind, choices: [], facts,
            passedThrough: passedThrough, unused: unused, settings: settings)
    }
}
