internal import Predictions

/// The check for a softmax over one class, whose probability is 1 whatever the instance: a sigmoid
/// is meant.
enum OneClass {
    private typealias Key = ModelManifest.CodingKeys

    /// Refuses a head of one class that is a distribution. `settings` are those of its report.
    static func refuse(
        _ kind: HeadKind, _ settings: [ManifestSetting]
    ) throws(ModelError) {
        func setting(_ key: Key) -> ManifestSetting? {
            settings.first { $0.key == key.rawValue }
        }
        switch kind {
        case .dense, .mhs, .het, .hetXL:
            guard let link = setting(.link), link.value == Link.softmax.rawValue else { return }
            let advice =
                link.source == .checkpoint
                ? "\"link\": \"sigmoid\" is meant, which a head of this name does not have"
                : "model.json must say \"link\": \"sigmoid\" for the probability of one label"
            throw .misfit(.oneClass(advice: advice))
        case .mhc:
            guard setting(.task)?.value == Task.singleLabel.rawValue,
                setting(.headActivation)?.value == HeadActivation.softmax.rawValue
            else { return }
        case .mhp, .arcFaceMHS: break
        }
        throw .misfit(
            .oneClass(
                advice:
                    "for the probability of one label, a dense head with \"link\": \"sigmoid\" is "
                    + "meant"))
    }
}
