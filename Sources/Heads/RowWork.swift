internal import LogitKernels
internal import Predictions
internal import Synchronization

extension HeadWork {
    /// Computes each wanted row on its own and collects the answers in row order.
    ///
    /// With at least one row a thread the rows are spread over the pool and each runs on one
    /// thread; with fewer, rows run in turn and each is split over the pool by the kernel. With
    /// `isSmall`, rows that take less time than waking a thread, the caller runs them all.
    func map(
        rowCount: Int, isSmall: Bool = false, _ predict: @Sendable (Int) -> RowOutcome
    ) -> [RowOutcome] {
        guard rowCount >= kernel.pool.threadCount, rowCount > 1, !isSmall else {
            return (0..<rowCount).map { isWanted($0) ? predict($0) : .notWanted }
        }
        let outcomes = Mutex([RowOutcome](repeating: .notWanted, count: rowCount))
        kernel.pool.forEach(rowCount) { row in
            guard isWanted(row) else { return }
            let outcome = predict(row)
            outcomes.withLock { $0[row] = outcome }
        }
        return outcomes.withLock { $0 }
    }
}

/// One row of a row-major matrix.
func row(_ index: Int, of matrix: [Float], width: Int) -> ArraySlice<Float> {
    matrix[index * width..<(index + 1) * width]
}
