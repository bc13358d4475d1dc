package import Heads
internal import LogitKernels

/// A measurement of one part's calls in this process, one after another on one thread.
package struct BenchCalls {
    let kind: BenchKind
    let shape: BenchShape
    let compute: ComputeOptions
    let seconds: Double

    /// - Parameters:
    ///   - kind: any but `http`.
    ///   - seconds: the time to measure for, after one call to warm up.
    package init(_ kind: BenchKind, _ shape: BenchShape, _ compute: ComputeOptions, seconds: Double)
    {
        self.kind = kind
        self.shape = shape
        self.compute = compute
        self.seconds = seconds
    }

    /// Measures the calls and, where they compute, the machine's peaks.
    package func report() throws -> BenchReport {
        let subject = try BenchSubject(kind, shape, compute)
        let timing = BenchTiming.measure(seconds: seconds, subject.call)
        var report = BenchReport(kind, shape, compute, timing)
        if let byteCount = subject.textByteCount {
            report.add(textByteCount: byteCount)
        } else {
            var sampled = shape
            if let samples = subject.samplesPerRow {
                sampled.samples = samples
                report.add(samplesPerRow: samples)
            }
            let work = sampled.work(kind, compute)
            report.add(work, at: peaks(for: work))
        }
        return report
    }

    private func peaks(for work: BenchWork) -> MachinePeaks {
        let kernel = LogitKernel(
            pool: ComputePool(threadCount: compute.threadCount),
            instructionSet: compute.instructionSet)
        let format = compute.weights ?? .float32
        return MachinePeaks(of: kernel, formats: [format] + work.stages.map(\.format))
    }
}
