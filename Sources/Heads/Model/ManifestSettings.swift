internal import Predictions

/// What holds for a key of `model.json` when it is not there.
enum UntoldSetting {
    /// The checkpoint tells.
    case file(String)
    /// A default; nil where that is to do without.
    case standard(String?)
    /// It has to be there.
    case asked
}

/// A key of `model.json` and what holds without it.
typealias ManifestKeyRule = (key: ModelManifest.CodingKeys, untold: UntoldSetting)

extension ModelManifest {
    func tells(_ key: CodingKeys) -> Bool { text(of: key) != nil }

    /// For heads with exactly one label an output.
    func require(classCount: Int) throws(ModelError) {
        guard let classes, classes != classCount else { return }
        throw .contradiction(key: "classes", reason: "its weights have \(classCount) outputs")
    }

    /// The settings of a head: those that concern it, in the order given, then the keys that any
    /// model has, then told keys that concern nobody.
    func settings(_ ofHead: [ManifestKeyRule]) -> [ManifestSetting] {
        let ofAnyModel: [ManifestKeyRule] = [
            (.preLogits, .standard(PreLogitsActivation.none.rawValue)),
            (.labels, .standard(nil)), (.version, .standard(Self.defaultVersion)),
        ]
        let known = ofHead + ofAnyModel
        let used = known.map { setting($0.key, $0.untold) }
        let skipped: [CodingKeys] = known.map(\.key) + [.checkpoint, .prefix]
        let unused = CodingKeys.allCases.filter { !skipped.contains($0) && tells($0) }
        return used
            + unused.map {
                ManifestSetting(key: $0.rawValue, value: text(of: $0), source: .unused)
            }
    }

    /// The settings while the kind of head is open: it cannot be said what is of no use.
    func undecidedSettings() -> [ManifestSetting] {
        settings([(.head, .asked)]).map { setting in
            ManifestSetting(
                key: setting.key, value: setting.value,
                source: setting.source == .unused ? .told : setting.source)
        }
    }

    private func setting(_ key: CodingKeys, _ untold: UntoldSetting) -> ManifestSetting {
        if let told = text(of: key) {
            return ManifestSetting(key: key.rawValue, value: told, source: .told)
        }
        return switch untold {
        case .file(let text): ManifestSetting(key: key.rawValue, value: text, source: .file)
        case .standard(let text):
            ManifestSetting(key: key.rawValue, value: text, source: .standard)
        case .asked: ManifestSetting(key: key.rawValue, value: nil, source: .missing)
        }
    }

    /// What was told, as text.
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
        case .prefix: prefix
        case .preLogits: preLogits?.rawValue
        case .labels: labels
        case .version: version
        }
    }
}
