internal import Predictions

/// The heads that a checkpoint could hold, at least one. One that is certain to be there excludes
/// those that are merely possible; several of either are an ambiguity that `model.json` must
/// resolve.
struct HeadCandidates {
    private let heads: [any RecognizedHead]

    /// nil when there are none.
    init?(_ found: [any RecognizedHead]) {
        guard !found.isEmpty else { return nil }
        let certain = found.filter(\.isCertain)
        heads = certain.isEmpty ? found : certain
    }

    /// The head, where its kind is settled.
    var decided: (any RecognizedHead)? { heads.count == 1 && heads[0].isCertain ? heads[0] : nil }

    /// The kind of head and the keys that are missing; throws where the checkpoint or `model.json`
    /// is wrong.
    func report() throws(ModelError) -> HeadReport {
        if let decided { return try decided.report() }
        let first = heads[0]
        let facts = try first.facts(among: heads.map(\.kind))
        let settings =
            facts.settings.map { first.manifest.settings([(.head, .required)] + $0) }
            ?? first.manifest.undecidedSettings()
        return HeadReport(
            first.tensors, head: nil,
            choices: try choices(beside: HeadReport.missingKeys(settings)), facts,
            settings: settings)
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
