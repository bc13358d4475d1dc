internal import LogitKernels

/// A dense layer with an optional bias: y = W x + b.
struct DenseLayer: Sendable {
    let weights: PackedWeights
    /// [outputs], or nil.
    let bias: [Float]?

    var inputCount: Int { weights.inputCount }
    var outputCount: Int { weights.outputCount }

    /// `inputs` is B×`inputCount`, row-major; the result is B×`outputCount`.
    func apply(_ inputs: [Float], rowCount: Int, _ kernel: LogitKernel) -> [Float] {
        [Float](count: rowCount * outputCount) { outputs in
            apply(inputs.span, rowCount: rowCount, kernel, into: &outputs)
        }
    }

    /// Writes B×`outputCount` outputs for B×`inputCount` inputs.
    func apply(
        _ inputs: Span<Float>, rowCount: Int, _ kernel: LogitKernel,
        into outputs: inout MutableSpan<Float>
    ) {
        if let bias {
            kernel.dense(inputs, rowCount: rowCount, weights, bias: bias.span, into: &outputs)
        } else {
            kernel.dense(inputs, rowCount: rowCount, weights, bias: nil, into: &outputs)
        }
    }
}
