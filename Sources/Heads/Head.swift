package import LogitKernels

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

/// What turns logits into probabilities: one distribution over all classes, or one per class.
package enum Link: String, Sendable, CaseIterable {
    case softmax
    case sigmoid
}

/// What the numbers beside the labels of an answer are.
package enum OutputForm: Sendable {
    /// One distribution over all classes.
    case distribution
    /// A probability of its own for every label.
    case labelProbabilities
    /// Ranking scores that must not be read as probabilities, only for the labels visited.
    case scores
}

/// What a caller may know of a head without computing.
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
}

/// A frozen classifier head: rows of features in, predictions out. Immutable after loading, so one
/// head may serve any number of batches.
package protocol Head: Sendable {
    var summary: HeadSummary { get }

    /// Predicts every row of a batch.
    ///
    /// A row's answer depends on its features and options only: never on its position, its batch
    /// mates or the number of threads.
    ///
    /// - Parameters:
    ///   - batch: rows of width `summary.inputCount`.
    ///   - work: the kernel, the noise, and whether a row is still wanted (asked between blocks).
    /// - Returns: one outcome a row, in row order.
    func predict(_ batch: FeatureBatch, _ work: HeadWork) -> [RowOutcome]
}

/// What became of one row.
package enum RowOutcome: Sendable, Equatable {
    case prediction(Prediction)
    /// The deadline passed or the client left before the row was done.
    case notWanted
    /// The row's values are finite, but its logits are not: float32 overflowed on the way.
    case overflow
    /// The head reads rows of the checkpoint's file as it needs them, and the file has lost some.
    case lostWeights
}

/// Rows of features with what each row's request asked for.
package struct FeatureBatch: Sendable {
    /// B rows of `inputCount`, finite.
    package let rows: FeatureRows
    /// One entry a row.
    package let options: [RowOptions]

    package init(rows: FeatureRows, options: [RowOptions]) {
        self.rows = rows
        self.options = options
    }

    /// Dense rows: B×`inputCount`, row-major, finite.
    package init(features: [Float], options: [RowOptions]) {
        self.init(
            rows: FeatureRows(dense: features, count: options.count), options: options)
    }

    package var rowCount: Int { options.count }
}

/// What one row's request asked for.
package struct RowOptions: Sendable, Hashable {
    /// Entries of `Prediction.top`; 0 leaves the list empty, more than K gives K.
    package var topK: Int
    /// Monte-Carlo samples S, at least 1; ignored by heads without noise.
    package var sampleCount: Int
    package var seed: UInt64
    /// Whether `Prediction.probabilities` is wanted: K floats.
    package var wantsProbabilities: Bool

    package init(topK: Int, sampleCount: Int, seed: UInt64, wantsProbabilities: Bool) {
        self.topK = topK
        self.sampleCount = sampleCount
        self.seed = seed
        self.wantsProbabilities = wantsProbabilities
    }
}

/// What a head computes with.
package struct HeadWork: Sendable {
    package let kernel: LogitKernel
    package let noise: any NoiseSource
    /// Whether a row's answer is still wanted: false once its deadline passed or its client left.
    package let isWanted: @Sendable (_ row: Int) -> Bool

    /// Draws come from the server's own generator.
    package init(
        engine: ComputeEngine, isWanted: @escaping @Sendable (_ row: Int) -> Bool
    ) {
        self.init(kernel: engine.kernel, isWanted: isWanted)
    }

    package init(
        kernel: LogitKernel, noise: any NoiseSource = CounterNoise(),
        isWanted: @escaping @Sendable (_ row: Int) -> Bool = { _ in true }
    ) {
        self.kernel = kernel
        self.noise = noise
        self.isWanted = isWanted
    }
}
