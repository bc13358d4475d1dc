internal import Checkpoints

/// The arrays of a linear classifier of scikit-learn, by their names.
enum LinearModel {
    static let (coefficients, intercept, classes) = ("coef_", "intercept_", "classes_")

    /// The tensors of the model whose coefficients have this full name.
    static func layer(_ coefficients: String, in tensors: TensorTable) -> LayerTensors {
        let start = coefficients.dropLast(Self.coefficients.count)
        let intercept = String(start) + Self.intercept
        return LayerTensors(
            name: coefficients, weight: coefficients,
            bias: tensors.contains(intercept) ? intercept : nil)
    }
}
