/// The kinds of classifier head, by the names `model.json` uses.
package enum HeadKind: String, Sendable, CaseIterable {
    case hetXL = "het-xl"
    case het
    case mhp
    case mhc
    case mhs
    case arcFaceMHS = "arcface-mhs"
    case dense
}

/// The function that turns logits into probabilities: one distribution over all classes, or one per class.
package enum Link: String, Sendable, CaseIterable {
    case softmax
    case sigmoid
}

/// The meaning of the numbers beside the labels of an answer.
package enum OutputForm: Sendable {
    /// One distribution over all classes.
    case distribution
    /// A probability of its own for every label.
    case labelProbabilities
    /// Ranking scores that must not be read as probabilities, only for the labels visited.
    case scores
}

/// Facts about a head that need no computation.
package struct HeadSummary: Sendable {
    package let kind: HeadKind
    package let link: Link
    package let output: OutputForm
    /// Width of an instance: that of the `pre_logits` layer's input where one runs, else D.
    package let inputCount: Int
    /// Number of labels K.
    package let classCount: Int
    /// Rank R of the factor loadings; nil for heads without noise.
    package let factorCount: Int?
    /// Monte-Carlo samples S when a request names none; nil for heads without noise.
    package let defaultSampleCount: Int?

    package init(
        kind: HeadKind, link: Link, output: OutputForm, inputCount: Int, classCount: Int,
        factorCount: Int?, defaultSampleCount: Int?
    ) {
        self.kind = kind
        self.link = link
        self.output = output
        self.inputCount = inputCount
        self.classCount = classCount
        self.factorCount = factorCount
        self.defaultSampleCount = defaultSampleCount
    }
}
