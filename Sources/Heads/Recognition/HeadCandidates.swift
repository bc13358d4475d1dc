internal import Checkpoints
internal import Predictions

/// The heads that a checkpoint could hold, at least one. One that is certain to be there excludes
/// those of its layers that are merely possible; several of either are an ambiguity that
/// `model.json` must resolve.
struct HeadCandidates {
    private let heads: [any RecognizedHead]

    /// nil when there are none.
    init?(_ found: [any RecognizedHead]) {
        guard !found.isEmpty else { return nil }
        heads = Self.groups(found).flatMap { group in
            let certain = group.filter(\.isCertain)
            return certain.isEmpty ? group : certain
        }
    }

    /// The candidates by place: those that share a layer are about one place.
    private static func groups(_ found: [any RecognizedHead]) -> [[any RecognizedHead]] {
        var groups: [[any RecognizedHead]] = []
        var groupOfLayer: [String: Int] = [:]
        for head in found {
            let group = head.layers.lazy.compactMap { groupOfLayer[$0] }.first ?? groups.count
            if group == groups.count { groups.append([]) }
            groups[group].append(head)
            for layer in head.layers where groupOfLayer[layer] == nil {
                groupOfLayer[layer] = group
            }
        }
        return groups
    }

    /// The places of some candidates, each once.
    static func places(of found: [any RecognizedHead]) -> [HeadPlace] {
        groups(found).map { $0[0].place }
    }

    /// The same candidates, if all are about one place. Refuses several, naming each with its
    /// shape: `prefix` chooses among them, or `head` where each is of another kind.
    func atOnePlace() throws(ModelError) -> HeadCandidates {
        let groups = Self.groups(heads)
        guard groups.count > 1 else { return self }
        let kinds = groups.map { Set($0.map(\.kind.rawValue)) }
        let areDistinct = kinds.reduce(0) { $0 + $1.count } == Set(kinds.joined()).count
        guard areDistinct else { throw .severalPlaces(groups.map { $0[0].place }) }
        let places = groups.map { group in
            let kinds = group.map { "'\($0.kind.rawValue)'" }.joined(separator: " or ")
            return "\(group[0].place), which could be \(kinds)"
        }
        throw .missingManifestKeys(
            keys: [ModelManifest.CodingKeys.head.rawValue],
            reason: "there are heads at " + places.joined(separator: ", and at ")
                + "; a 'prefix' chooses too")
    }

    /// Refuses averages of the head's weights beside it, which `model.json` must choose from.
    func refuseAverages(in checkpoint: Checkpoint) throws(ModelError) {
        try AveragedTwins(checkpoint).refuse(
            beside: heads[0].place, layers: heads.flatMap(\.layers))
    }

    /// Refuses names of tensors that mean nothing to any of the heads, and that of a layer that
    /// does not run.
    func requireUse(ofNamesIn manifest: ModelManifest) throws(ModelError) {
        let roles = Set(heads.flatMap(\.namedTensors))
        for (role, _) in manifest.tensors?.given ?? [] where !roles.contains(role) {
            throw Self.unnamed(role, of: heads[0].kind)
        }
        if manifest.tensors?.hasNoBias ?? false, roles.isDisjoint(with: [.bias, .heads]) {
            throw Self.unnamed(.bias, of: heads[0].kind)
        }
        guard manifest.tensors?.preLogits != nil,
            manifest.preLogits ?? PreLogitsActivation.none == .none
        else { return }
        throw .contradiction(
            key: ModelManifest.CodingKeys.tensors.rawValue,
            reason: "it names the layer 'pre_logits', which runs only where the key 'pre_logits' "
                + "gives its activation")
    }

    /// The refusal of a name for a part that this kind of head does not have, or that has the same
    /// name in all of its kind.
    static func unnamed(_ role: TensorNames.Role, of kind: HeadKind) -> ModelError {
        let reason =
            switch (kind, role) {
            case (.dense, _): "a dense head has no '\(role.rawValue)' to be named"
            case (.mhp, _):
                "an mhp head of several layers has them named by 'heads', each with its own bias"
            default:
                "a head of kind '\(kind.rawValue)' has its tensors under fixed names, and no other "
                    + "'\(role.rawValue)'; 'prefix' says where they are"
            }
        return .contradiction(
            key: ModelManifest.CodingKeys.tensors.rawValue, reason: reason)
    }

    /// The head, where its kind is settled.
    var decided: (any RecognizedHead)? { heads.count == 1 && heads[0].isCertain ? heads[0] : nil }

    /// The array of the labels' names, whichever of them it is.
    var labelsName: String? { heads.lazy.compactMap(\.labelsName).first }

    /// The kind of head and the keys that are missing; throws where the checkpoint or `model.json`
    /// is wrong.
    func report() throws(ModelError) -> HeadReport {
        if let decided { return try Self.report(decided) }
        let first = heads[0]
        let facts = try first.facts(among: heads.map(\.kind))
        let settings =
            facts.settings.map { first.manifest.settings([(.head, .required)] + $0) }
            ?? first.manifest.undecidedSettings()
        return HeadReport(
            path: first.tensors.path, prefix: first.prefix, head: nil,
            choices: try choices(beside: HeadReport.missingKeys(settings)), facts,
            passedThrough: first.passedThrough, unused: first.unused, settings: settings)
    }

    /// The report of a head. Where the layer that `pre_logits` runs does not have that name, the
    /// refusal names those that could be meant.
    private static func report(_ head: any RecognizedHead) throws(ModelError) -> HeadReport {
        do throws(ModelError) {
            return try head.report()
        } catch {
            let layer = ModelManifest.CodingKeys.preLogits.rawValue
            guard case .missingTensor(let name, _) = error, name.parentPath.lastPart == layer,
                head.manifest.tensors?.preLogits == nil
            else { throw error }
            let passed = head.passedThrough.filter { $0.shape?.count == 2 }
            guard let first = passed.first else { throw error }
            var names = head.manifest.tensors ?? TensorNames()
            names.preLogits = first.name
            throw .missingManifestKeys(
                keys: [ModelManifest.CodingKeys.tensors.rawValue],
                reason: "the file has no layer '\(layer)' to run before the head; it has "
                    + "\(HeadPlace.list(passed)): \"tensors\": \(names.json) runs it")
        }
    }

    /// The kinds that `model.json` does not contradict, each with the keys it needs beside those
    /// that are missing for any kind. A key that one kind needs is of no use to another, so the
    /// choice comes first.
    private func choices(beside missingKeys: [String]) throws(ModelError) -> [HeadChoice] {
        var choices: [HeadChoice] = []
        var refusal: ModelError?
        for head in heads {
            do throws(ModelError) {
                let own = try head.report().missingKeys.filter { !missingKeys.contains($0) }
                choices.append(HeadChoice(head: head.kind, missingKeys: own))
            } catch {
                refusal = error
            }
        }
        if choices.isEmpty, let refusal { throw refusal }
        return choices
    }
}
