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

    init?(besideCoefficients coefficients: String, in tensors: TensorTable, rowCount: Int) {
        let start = coefficients.dropLast(LinearModel.coefficients.count)
        name = String(start) + LinearModel.classes
        guard tensors.contains(name) else { return nil }
        self.tensors = tensors
        self.rowCount = rowCount
    }

    private var fullName: String { tensors.prefix + name }

    /// One name a row of the coefficients; one row is about the second of two classes. Refused as
    /// the lines of a label file are, and where they are neither texts nor numbers.
    func labels() throws(ModelError) -> [String] {
        let classCount = rowCount == 1 ? 2 : rowCount
        let unread = tensors.checkpoint.unreadTensor(named: fullName)
        guard let shape = tensors.shape(name) ?? unread?.shape, shape == [classCount] else {
            throw .tensorShape(
                name: fullName, found: tensors.shape(name) ?? unread?.shape ?? [],
                expected: "[\(classCount)], for \(rowCount) rows of coefficients")
        }
        let names = try names()
        return rowCount == 1 ? [names[1]] : names
    }

    private func names() throws(ModelError) -> [String] {
        let texts: [String]?
        do throws(CheckpointError) {
            if let array = tensors.checkpoint[fullName] {
                return array.elementType.isFraction
                    ? try array.doubles().map { "\($0)" } : try array.integers().map { "\($0)" }
            }
            texts = try tensors.checkpoint.texts(named: fullName)
        } catch {
            throw .checkpoint(error)
        }
        guard let texts else { throw tensors.missing(name) }
        let path = "\(tensors.checkpoint.path): \(fullName)"
        let labels = try LabelText.labels(of: Array(texts.joined(separator: "\n").utf8), path: path)
        guard labels.count == texts.count else {
            throw .labelCount(path: path, found: labels.count, expected: texts.count)
        }
        return labels
    }
}
