internal import LogitKernels
package import Predictions

extension ComputeOptions {
    /// Bytes that all threads hold between two blocks of samples of so many classes: a block, and
    /// the sums of each replicate.
    package func sampleBytes(classCount: Int, estimator: EstimatorChoice) -> Int {
        let replicates =
            estimator == .only(.quasiMonteCarlo) ? QuasiMonteCarlo.scrambleCount : 1
        return threadCount
            * (SampleMoments.blockBytes(classCount: classCount)
                + replicates * SampleMoments.byteCount(classCount: classCount))
    }
}
