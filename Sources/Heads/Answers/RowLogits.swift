internal import LogitKernels

/// The logits of one row, in memory or computed again where they are read.
protocol RowLogits: ~Escapable {
    var count: Int { get }

    /// Lends the logits of some classes to `body`.
    func read<Result>(_ classes: Range<Int>, _ body: (Span<Float>) -> Result) -> Result
}

extension Span: RowLogits where Element == Float {
    func read<Result>(_ classes: Range<Int>, _ body: (Span<Float>) -> Result) -> Result {
        body(extracting(classes))
    }
}

/// The logits of one row of a layer, computed where they are read; to the last bit those that the
/// layer writes.
struct ComputedLogits: RowLogits {
    let layer: DenseLayer
    let kernel: LogitKernel
    /// The row's inputs are those from `first` on.
    let inputs: [Float]
    let first: Int

    var count: Int { layer.outputCount }

    func read<Result>(_ classes: Range<Int>, _ body: (Span<Float>) -> Result) -> Result {
        let input = inputs.span.extracting(first..<first + layer.inputCount)
        if let bias = layer.bias {
            return kernel.withLogits(input, layer.weights, bias: bias.span, of: classes, body)
        }
        return kernel.withLogits(input, layer.weights, bias: nil, of: classes, body)
    }
}
