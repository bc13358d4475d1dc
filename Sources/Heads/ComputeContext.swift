package import LogitKernels
internal import Predictions
internal import Synchronization

/// The means a head computes with: the kernel and its threads, the noise, and whether a row is
/// still wanted.
package struct ComputeContext: Sendable {
    package let kernel: LogitKernel
    package let noise: any NoiseSource
    /// Whether a row's answer is still wanted: false once its deadline passed or its client left.
    package let isWanted: @Sendable (_ row: Int) -> Bool

    /// A context whose draws come from the server's own generator.
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

extension ComputeContext {
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
