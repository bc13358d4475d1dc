package import Predictions

/// What was recognised in a checkpoint, by which rule, and what `model.json` must still say.
package struct HeadReport: Sendable, Equatable, Encodable {
    /// The checkpoint file.
    package var checkpoint: String
    /// nil while `model.json` has to say which of `choices` it is.
    package let head: HeadKind?
    /// What an ambiguous head could be; empty for others.
    package let choices: [HeadChoice]
    /// Whose names and law these are.
    package let origin: String
    /// What stands before the head's tensors; may be empty.
    package let prefix: String
    /// One sentence: the tensor that gave the head away, and why it is this kind.
    package let rule: String
    /// Every key of `model.json` that says something of this head, and those that do not.
    package let settings: [ManifestSetting]
    /// Exactly the keys that `model.json` must add; each choice needs its own beside them.
    package let missingKeys: [String]
    package let sizes: HeadSizes
    /// Numbers the head stores.
    package let parameterCount: Int
    /// What another head of the same D and K would store; nil where K is not known.
    package let comparison: ParameterComparison?

    init(
        checkpoint: String, head: HeadKind?, choices: [HeadChoice], origin: String,
        prefix: String, rule: String, settings: [ManifestSetting], sizes: HeadSizes,
        parameterCount: Int, comparison: ParameterComparison?
    ) {
        self.checkpoint = checkpoint
        self.head = head
        self.choices = choices
        self.origin = origin
        self.prefix = prefix
        self.rule = rule
        self.settings = settings
        missingKeys = settings.filter { $0.source == .missing }.map(\.key)
        self.sizes = sizes
        self.parameterCount = parameterCount
        self.comparison = comparison
    }
}

/// A kind an ambiguous head could be, and the keys this choice would need beside `head`.
package struct HeadChoice: Sendable, Equatable, Encodable {
    package var head: HeadKind
    package var missingKeys: [String]
}

/// Sizes of a head; nil where it has no such size or the checkpoint does not tell.
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

/// A key of `model.json` with what holds for the model.
package struct ManifestSetting: Sendable, Equatable, Encodable {
    /// Where a value comes from.
    package enum Source: String, Sendable, Encodable {
        /// `model.json`.
        case told
        /// The checkpoint.
        case file
        /// Neither; it is what holds without a word.
        case standard = "default"
        /// Nowhere: `model.json` must say.
        case missing
        /// `model.json`, but a head of this kind has no use for it.
        case unused
    }

    package var key: String
    /// As text; nil where it is missing, or where there is nothing to say.
    package var value: String?
    package var source: Source
}

extension HeadKind: Encodable {}
