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

/// The array `classes_` of a linear model: the names of its labels.
struct LinearModelClasses {
    /// The array's name.
    let name: String
    private let tensors: TensorTable
    private let rowCount: Int

    /// nil where there is no such array that is read: one of strings may be told by `labels`.
    init?(besideCoefficients coefficients: String, in tensors: TensorTable, rowCount: Int) {
        let start = coefficients.dropLast(LinearModel.coefficients.count)
        name = String(start) + LinearModel.classes
        guard tensors.shape(name) != nil else { return nil }
        self.tensors = tensors
        self.rowCount = rowCount
    }

    /// One name a row of the coefficients; one row is about the second of two classes.
    func labels() throws(ModelError) -> [String] {
        let classCount = rowCount == 1 ? 2 : rowCount
        let shape = tensors.shape(name) ?? []
        guard let array = tensors.checkpoint[tensors.prefix + name], shape == [classCount] else {
            throw .tensorShape(
                name: tensors.prefix + name, found: shape,
                expected: "[\(classCount)], for \(rowCount) rows of coefficients")
        }
        let names: [String]
        do throws(CheckpointError) {
            names =
                array.elementType.isFraction
                ? try array.doubles().map { "\($0)" } : try array.integers().map { "\($0)" }
        } catch {
            throw .checkpoint(error)
        }
        return rowCount == 1 ? [names[1]] : names
    }
}
