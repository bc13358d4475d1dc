package import LogitKernels
package import Predictions

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
