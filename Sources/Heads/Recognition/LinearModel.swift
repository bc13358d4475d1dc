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
    private let shape: [Int]

    /// nil where there is no such array of texts or numbers: others may be told by `labels`.
    init?(besideCoefficients coefficients: String, in tensors: TensorTable, rowCount: Int) {
        let start = coefficients.dropLast(LinearModel.coefficients.count)
        name = String(start) + LinearModel.classes
        let texts = tensors.checkpoint.textShape(named: tensors.prefix + name)
        guard let shape = tensors.shape(name) ?? texts else { return nil }
        self.shape = shape
        self.tensors = tensors
        self.rowCount = rowCount
    }

    private var fullName: String { tensors.prefix + name }

    /// One name a row of the coefficients; one row is about the second of two classes. Texts are
    /// refused as the lines of a file of labels are.
    func labels() throws(ModelError) -> [String] {
        let classCount = rowCount == 1 ? 2 : rowCount
        guard shape == [classCount] else {
            throw .tensorShape(
                name: fullName, found: shape,
                expected: "[\(classCount)], for \(rowCount) rows of coefficients")
        }
        let names = try names()
        return rowCount == 1 ? [names[1]] : names
    }

    private func names() throws(ModelError) -> [String] {
        let texts: [String]
        do throws(CheckpointError) {
            if let array = tensors.checkpoint[fullName] {
                return array.elementType.isFraction
                    ? try array.doubles().map { "\($0)" } : try array.integers().map { "\($0)" }
            }
            texts = try tensors.checkpoint.texts(named: fullName) ?? []
        } catch {
            throw .checkpoint(error)
        }
        let path = "\(tensors.checkpoint.path): \(fullName)"
        let labels = try LabelText.labels(of: Array(texts.joined(separator: "\n").utf8), path: path)
        guard labels.count == texts.count else {
            throw .labelCount(path: path, found: labels.count, expected: texts.count)
        }
        return labels
    }
}
