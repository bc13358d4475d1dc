/// Options of one row, from its request.
package struct RowOptions: Sendable, Hashable {
    /// Entries of `Prediction.top`; 0 leaves the list empty, more than K gives K.
    package var topK: Int
    /// Samples S, draws or points, at least 1; ignored by heads without noise. With a tolerance, or
    /// a leader to prove, the most that may be taken.
    package var sampleCount: Int
    /// Samples that a row may have at most, where a rule takes more than were asked for.
    package var maxSampleCount: Int
    package var seed: UInt64
    /// The sampling rule; ignored by heads without noise.
    package var estimator: EstimatorChoice
    /// Whether `Prediction.probabilities` is wanted: K floats.
    package var wantsProbabilities: Bool
    /// The least probability of an entry of `Prediction.top`, in the precision of answers; ignored
    /// by heads that only rank.
    package var minProbability: Float
    /// Nil for most requests, which ask for nothing of it: copies of their options count no
    /// references.
    private var rare: Boxed<RowDetails>?

    package init(
        topK: Int, sampleCount: Int, maxSampleCount: Int = .max, seed: UInt64,
        estimator: EstimatorChoice = .auto, wantsProbabilities: Bool, minProbability: Float = 0,
        labels: [Int] = []
    ) {
        self.topK = topK
        self.sampleCount = sampleCount
        self.maxSampleCount = maxSampleCount
        self.seed = seed
        self.estimator = estimator
        self.wantsProbabilities = wantsProbabilities
        self.minProbability = minProbability
        if !labels.isEmpty { details.labels = labels }
    }

    /// Parts of the answer that few requests ask for.
    package var details: RowDetails {
        get { rare?.value ?? RowDetails() }
        set { rare = newValue == RowDetails() ? nil : .of(newValue) }
    }

    /// Whether the row asks for any of `details`.
    package var hasDetails: Bool { rare != nil }

    /// Labels below K whose probabilities are wanted, in the answer's order; ignored by heads that
    /// only rank.
    package var labels: [Int] {
        get { rare?.value.labels ?? [] }
        set { details.labels = newValue }
    }
}

/// Parts of an answer that few requests ask for, and the rules by which a row's samples end early.
package struct RowDetails: Sendable, Hashable {
    /// Labels below K whose probabilities are wanted, in the answer's order; ignored by heads that
    /// only rank.
    package var labels: [Int] = []
    /// The standard error that every listed probability, and that of every label in `labels`,
    /// shall have at most, above 0; nil draws all samples.
    package var tolerance: Double?
    /// Ends the samples when the leader is proven at this level of error, in (0, 0.5].
    package var certifyDelta: Double?
    /// Levels of the quantiles that are wanted, strictly increasing in (0, 1); empty for none.
    package var quantileLevels: [Double] = []
    /// Whether `NoiseProfile.histogram` is wanted.
    package var wantsHistogram = false
    /// Whether `NoiseProfile.voteShare` is wanted; softmax only.
    package var wantsVoteShare = false
    /// The rule of the prediction set that is wanted; nil for none.
    package var predictionSet: PredictionSetRule?
    /// The probability below which the largest one makes the answer abstain; nil where the answer
    /// shall not say.
    package var abstainBelow: Float?
    /// The label whose conformal score is wanted; nil for none.
    package var scored: LabelScoring?

    package init() {}

    /// Whether entries shall have a `NoiseProfile`.
    package var wantsProfiles: Bool {
        !quantileLevels.isEmpty || wantsHistogram || wantsVoteShare
    }
}
