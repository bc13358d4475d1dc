/// What was recognised in a checkpoint, by which rule, and what `model.json` must still say.
package struct HeadReport: Sendable, Equatable, Encodable {
    /// The checkpoint file.
    package var checkpoint: String
    /// nil while `model.json` has to say which of `choices` it is.
    package var head: HeadKind?
    /// What an ambiguous head could be; empty for others.
    package var choices: [HeadChoice]
    /// Whose names and law these are.
    package var origin: String
    /// What stands before the head's tensors; may be empty.
    package var prefix: String
    /// One sentence: the tensor that gave the head away, and why it is this kind.
    package var rule: String
    /// Every key of `model.json` that says something of this head, and those that do not.
    package var settings: [ManifestSetting]
    package var sizes: HeadSizes
    /// Numbers the head stores.
    package var parameterCount: Int
    /// What another head of the same D and K would store; nil where K is not known.
    package var comparison: ParameterComparison?

    /// Exactly the keys that `model.json` must add, and for each choice those it needs beside.
    package var missingKeys: [String] {
        settings.filter { $0.source == .missing }.map(\.key)
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
