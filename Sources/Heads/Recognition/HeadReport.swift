package import Predictions

/// The head that was recognised in a checkpoint, by which rule, and the keys that `model.json` must
/// still give.
package struct HeadReport: Sendable, Equatable, Encodable {
    /// The checkpoint file.
    package var checkpoint: String
    /// nil while `model.json` must name one of `choices`.
    package let head: HeadKind?
    /// The kinds that an ambiguous head could be; empty for others.
    package let choices: [HeadChoice]
    /// The implementation whose names and law these are.
    package let origin: String
    /// The prefix of the head's tensors; may be empty.
    package let prefix: String
    /// One sentence: the tensor by which the head was recognised, and the reason for its kind.
    package let rule: String
    /// The layers that instances must have passed through before: they stand between a model's
    /// features and the head in the file, and do not run here.
    package let passedThrough: [HeadPlace]
    /// The parts of the checkpoint on the head's level that have its sizes and are not used:
    /// numbers that may be scales, vectors, batch normalisations of its outputs.
    package let unused: [HeadPlace]
    /// Every key of `model.json` that concerns this head; those that do nothing where they are not
    /// given only where they are.
    package private(set) var settings: [ManifestSetting]
    /// Exactly the keys that `model.json` must add; each choice needs its own beside them.
    package let missingKeys: [String]
    package let sizes: HeadSizes
    /// Numbers the head stores.
    package let parameterCount: Int
    /// The size of another head of the same D and K; nil where K is not known.
    package let comparison: ParameterComparison?

    init(
        path: String, prefix: String, head: HeadKind?, choices: [HeadChoice], _ facts: HeadFacts,
        passedThrough: [HeadPlace], unused: [HeadPlace] = [], settings: [ManifestSetting]
    ) {
        checkpoint = path
        self.head = head
        self.choices = choices
        origin = facts.origin
        self.prefix = prefix
        rule = facts.rule
        self.passedThrough = passedThrough
        self.unused = unused
        self.settings = settings
        missingKeys = Self.missingKeys(settings)
        sizes = facts.sizes
        parameterCount = facts.parameterCount
        comparison = facts.comparison
    }

    /// The report with the labels found under this name in the checkpoint; nil changes nothing.
    func withLabels(in name: String?) -> HeadReport {
        guard let name else { return self }
        let key = ModelManifest.CodingKeys.labels.rawValue
        var report = self
        report.settings = settings.map {
            $0.key == key ? ManifestSetting(key: key, value: name, source: .checkpoint) : $0
        }
        return report
    }

    /// The keys among some settings that `model.json` must add.
    static func missingKeys(_ settings: [ManifestSetting]) -> [String] {
        settings.filter { $0.source == .missing }.map(\.key)
    }
}

/// A kind an ambiguous head could be, and the keys this choice would need beside `head`.
package struct HeadChoice: Sendable, Equatable, Encodable {
    package var head: HeadKind
    package var missingKeys: [String]
}

/// Sizes of a head; nil where it has no such size or the checkpoint does not show it.
package struct HeadSizes: Sendable, Equatable, Encodable {
    /// Width of an instance.
    package var inputCount: Int
    /// D.
    package var featureCount: Int
    /// K.
    package var classCount: Int?
    /// R.
    package var factorCount: Int?
    /// Sizes of the heads of MHP, MHC and MHS.
    package var heads: [Int]?
    /// Members E of a BatchEnsemble.
    package var memberCount: Int?
}

/// The size of another head for the same work.
package struct ParameterComparison: Sendable, Equatable, Encodable {
    package var head: HeadKind
    package var parameterCount: Int
}

extension ParameterComparison {
    /// One dense layer with biases; nil where the number overflows: MHP may
    /// have more classes than could be stored.
    static func dense(featureCount: Int, classCount: Int) -> ParameterComparison? {
        let (count, overflows) = (featureCount + 1).multipliedReportingOverflow(by: classCount)
        return overflows ? nil : ParameterComparison(head: .dense, parameterCount: count)
    }
}

extension HeadKind: Encodable {}
