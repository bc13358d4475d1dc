internal import LogitKernels
internal import Predictions

/// The activation of a `pre_logits` layer, by the names `model.json` uses.
package enum PreLogitsActivation: String, Sendable, CaseIterable {
    case none
    case tanh
    case relu
    /// The exact form, x Φ(x), which is PyTorch's default.
    case gelu
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
            case .gelu: kernel.gelu(&features)
            }
        }
        return features
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
