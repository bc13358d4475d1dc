internal import Predictions

/// The source of a value that `model.json` does not give.
enum FallbackRule {
    /// The checkpoint has it.
    case checkpoint(String)
    /// A default; nil where the default is to have none.
    case defaultValue(String?)
    /// Nothing is done. The key is listed only where it is given.
    case noStep
    /// None: `model.json` must give it.
    case required
}

/// A key of `model.json` with the rule that applies when it is not given.
typealias ManifestKeyRule = (key: ModelManifest.CodingKeys, fallback: FallbackRule)

extension ModelManifest {
    func has(_ key: CodingKeys) -> Bool { text(of: key) != nil }

    /// For heads with exactly one label an output.
    func require(classCount: Int) throws(ModelError) {
        guard let classes, classes != classCount else { return }
        throw .contradiction(key: "classes", reason: "its weights have \(classCount) outputs")
    }

    /// The settings of a head: those that concern it, in the order of `ofHead`, then the keys that
    /// any model has.
    func settings(_ ofHead: [ManifestKeyRule]) -> [ManifestSetting] {
        let rest = Self.ofAnyModel.filter { rule in !ofHead.contains { $0.key == rule.key } }
        return (ofHead + rest).compactMap { setting($0.key, $0.fallback) }
    }

    private static let ofAnyModel: [ManifestKeyRule] = [
        (.prefix, .noStep), (.normalize, .noStep),
        (.preLogits, .defaultValue(PreLogitsActivation.none.rawValue)),
        (.labels, .defaultValue(nil)), (.version, .defaultValue(defaultVersion)),
    ]

    /// The settings while the kind of head is open, when no key can be called useless.
    func undecidedSettings() -> [ManifestSetting] {
        settings([(.head, .required)]) + others(than: [.head]).compactMap { setting($0, .noStep) }
    }

    /// The keys that are given and are neither these nor those of any model.
    private func others(than keys: [CodingKeys]) -> [CodingKeys] {
        let known = keys + Self.ofAnyModel.map(\.key) + [.checkpoint]
        return CodingKeys.allCases.filter { !known.contains($0) && has($0) }
    }

    /// Refuses keys that have no effect on a head of this kind, whose rules are given: what was
    /// meant by them would be missing from its answers.
    func requireUse(ofAllBut rules: [ManifestKeyRule], by kind: HeadKind) throws(ModelError) {
        let useless = others(than: rules.map(\.key))
        guard !useless.isEmpty else { return }
        throw .misfit(
            .useless(
                keys: useless.map(\.rawValue), head: kind.rawValue, purposes: useless.map(\.purpose)
            ))
    }

    private func setting(_ key: CodingKeys, _ fallback: FallbackRule) -> ManifestSetting? {
        if let given = text(of: key) {
            return ManifestSetting(key: key.rawValue, value: given, source: .manifest)
        }
        return switch fallback {
        case .checkpoint(let text):
            ManifestSetting(key: key.rawValue, value: text, source: .checkpoint)
        case .defaultValue(let text):
            ManifestSetting(key: key.rawValue, value: text, source: .defaultValue)
        case .required: ManifestSetting(key: key.rawValue, value: nil, source: .missing)
        case .noStep: nil
        }
    }

    /// The value in `model.json`, as text.
    private func text(of key: CodingKeys) -> String? {
        switch key {
        case .checkpoint: checkpoint
        case .head: head?.rawValue
        case .link: link?.rawValue
        case .temperature: temperature.map { "\($0)" }
        case .temperatureBounds: temperatureBounds.map { "\($0)" }
        case .diagonalNoise: diagonalNoise?.rawValue
        case .samples: samples.map { "\($0)" }
        case .heads: heads.map { "\($0)" }
        case .classes: classes.map { "\($0)" }
        case .headActivation: headActivation?.rawValue
        case .task: task?.rawValue
        case .beam: beam.map { "\($0)" }
        case .scale: scale.map { "\($0)" }
        case .bias: bias.map { "\($0)" }
        case .normalize: normalize?.rawValue
        case .normalizeWeights: normalizeWeights.map { "\($0)" }
        case .prefix: prefix
        case .tensors: tensors?.json
        case .preLogits: preLogits?.rawValue
        case .labels: labels
        case .version: version
        }
    }
}
