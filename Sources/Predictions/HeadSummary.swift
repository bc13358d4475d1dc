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

/// The function that turns logits into probabilities: one distribution over all classes, or one per
/// class.
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
    /// Samples S (draws or points) when a request names none; nil for heads without noise.
    package let defaultSampleCount: Int?

    /// Standard-normal draws that a sample takes; nil for heads without noise.
    package let drawCount: Int?

    /// Members that an answer is the mean of, each with samples of its own.
    package let memberCount: Int

    /// Whether the law of an answer is an integral over one variable, which `auto` computes in
    /// place of sampling, if it does not take too many nodes.
    package let hasKnownLaw: Bool

    /// Whether all K probabilities may be computed unasked, as a self-check does. A head that only
    /// ranks has none, and labels that are products of digits may outnumber what memory holds.
    package let canListProbabilities: Bool

    /// - Parameter canListProbabilities: nil for wherever there are any.
    package init(
        kind: HeadKind, link: Link, output: OutputForm, inputCount: Int, classCount: Int,
        factorCount: Int?, defaultSampleCount: Int?, drawCount: Int? = nil,
        memberCount: Int = 1, hasKnownLaw: Bool = false, canListProbabilities: Bool? = nil
    ) {
        self.kind = kind
        self.link = link
        self.output = output
        self.inputCount = inputCount
        self.classCount = classCount
        self.factorCount = factorCount
        self.defaultSampleCount = defaultSampleCount
        self.drawCount = drawCount
        self.memberCount = memberCount
        self.hasKnownLaw = hasKnownLaw
        self.canListProbabilities = canListProbabilities ?? (output != .scores)
    }

    /// A head without noise. Unless `output` says otherwise its numbers are those of its link.
    package static func exact(
        kind: HeadKind, link: Link, output: OutputForm? = nil, inputCount: Int, classCount: Int,
        canListProbabilities: Bool? = nil
    ) -> HeadSummary {
        HeadSummary(
            kind: kind, link: link, output: output ?? link.output, inputCount: inputCount,
            classCount: classCount, factorCount: nil, defaultSampleCount: nil,
            canListProbabilities: canListProbabilities)
    }
}

extension Link {
    /// The form of the numbers it makes of one logit a class.
    package var output: OutputForm { self == .softmax ? .distribution : .labelProbabilities }
}
