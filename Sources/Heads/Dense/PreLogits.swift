internal import LogitKernels
internal import Predictions

/// The activation of a `pre_logits` layer, by the names `model.json` uses.
package enum PreLogitsActivation: String, Sendable, CaseIterable {
    case none
    case tanh
    case relu
}

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

/// The layer between a model's instances and its head's features, where `model.json` asks for one.
struct PreLogitsLayer: Sendable {
    let layer: DenseLayer
    let activation: PreLogitsActivation

    /// Instances B×inputs → features B×D; NaN where float32 overflowed.
    func apply(_ instances: FeatureRows, _ kernel: LogitKernel) -> [Float] {
        var features = layer.apply(instances, kernel)
        Overflow.keep(in: &features) { features in
            switch activation {
            case .none: break
            case .tanh: kernel.tanh(&features)
            case .relu: kernel.relu(&features)
            }
        }
        return features
    }
}

/// Activations such as relu make finite values of what overflowed before them, and the answer
/// would look sound.
enum Overflow {
    /// Applies `activation`; what was not finite before it is NaN after it, so that the overflow
    /// reaches the logits, where it is looked for.
    static func keep(
        in values: inout [Float], _ activation: (inout MutableSpan<Float>) -> Void
    ) {
        let lost = values.indices.filter { !values[$0].isFinite }
        var span = values.mutableSpan
        activation(&span)
        for index in lost { values[index] = .nan }
    }
}

extension PreLogitsLayer? {
    /// The features of a batch: the instances themselves where no layer runs, else dense.
    func features(of batch: FeatureBatch, _ kernel: LogitKernel) -> FeatureRows {
        switch self {
        case .some(let layer):
            FeatureRows(dense: layer.apply(batch.rows, kernel), count: batch.rowCount)
        case .none: batch.rows
        }
    }

    /// Width of an instance, given that of the features.
    func inputCount(featureCount: Int) -> Int {
        self?.layer.inputCount ?? featureCount
    }
}
