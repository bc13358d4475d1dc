package import LogitKernels

/// The threads, kernels and weight format of a process, chosen once when it starts.
package struct ComputeOptions: Sendable {
    /// Threads a computation may use, at least 1.
    package var threadCount = 1
    /// One that this machine can run.
    package var instructionSet = InstructionSet.best
    /// The format of weight matrices in memory; nil keeps them exactly as they are stored.
    package var weights: WeightFormat?

    package init() {}
}

/// The arithmetic and the threads heads compute with; one for a process.
package struct ComputeEngine: Sendable {
    let kernel: LogitKernel

    /// - Parameters:
    ///   - threadCount: threads a computation may use, at least 1.
    ///   - instructionSet: one that this machine can run.
    package init(threadCount: Int, instructionSet: InstructionSet = .best) {
        kernel = LogitKernel(
            pool: ComputePool(threadCount: threadCount), instructionSet: instructionSet)
    }

    package init(_ options: ComputeOptions) {
        self.init(threadCount: options.threadCount, instructionSet: options.instructionSet)
    }

    /// The same arithmetic on as many threads of its own, which pass `checkpoint` between parts of
    /// their work.
    package func withOwnThreads(checkpoint: @escaping @Sendable () -> Void) -> ComputeEngine {
        let pool = ComputePool(threadCount: kernel.pool.threadCount, checkpoint: checkpoint)
        return ComputeEngine(kernel: LogitKernel(kernel, pool: pool))
    }

    private init(kernel: LogitKernel) { self.kernel = kernel }

    /// The instruction set, by the name that users give it.
    package var kernelName: String { kernel.instructionSet.rawValue }
}
