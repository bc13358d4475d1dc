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
            if let bias {
                kernel.dense(
                    inputs.span, rowCount: rowCount, weights, bias: bias.span, into: &outputs)
            } else {
                kernel.dense(inputs.span, rowCount: rowCount, weights, bias: nil, into: &outputs)
            }
        }
    }
}
