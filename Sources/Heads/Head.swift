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
    ///   - context: the kernel, the noise, and whether a row is wanted (asked between blocks).
    /// - Returns: one outcome a row, in row order.
    func predict(_ batch: FeatureBatch, _ context: ComputeContext) -> [RowOutcome]
}

/// Rows of features with the options of each row's request.
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
