internal import Checkpoints
internal import Predictions

/// The author's own outputs: `features` and `probabilities` of an `expected.npz` beside the model,
/// and how exact they are.
struct GoldenOutputs: Sendable {
    /// B×`inputCount`, row-major, finite.
    let features: [Float]
    /// B×K, each within 0...1.
    let probabilities: [Float]
    let rowCount: Int
    /// Absolute difference of a probability that is never refused; nil where the file has none.
    let tolerance: Float?
    /// The author's standard errors, B×K; nil where the file has none.
    let standardErrors: [Float]?
    /// Samples that the author drew for a row; nil where the file does not say.
    let sampleCount: Int?

    /// The file's name in a model's folder.
    static let fileName = "expected.npz"

    /// The arrays that are read.
    private static let names: Set<String> = [
        "features", "probabilities", "tolerance", "standard_error", "samples",
    ]

    /// Reads the file; no outputs when it has features and, beside them, only arrays of other
    /// names, for authors keep labels, logits and draws there. These may be anything, and are
    /// listed; but not one whose name could be a slip for one that is missing. A file with no such
    /// excuse for checking nothing is refused.
    static func read(
        _ path: String, for summary: HeadSummary
    ) throws(ModelError) -> (outputs: GoldenOutputs?, ignored: [String]) {
        let (file, others) = try arrays(path)
        try GoldenSlips.refuse(others, missing: names.subtracting(file.keys), path)
        if let features = file["features"], let probabilities = file["probabilities"] {
            return (try outputs(features, probabilities, file, path, summary), others)
        }
        if file["probabilities"] != nil || others.isEmpty {
            let (missing, present) =
                file["features"] == nil
                ? ("features", "probabilities") : ("probabilities", "features")
            throw .goldenArray(
                path: path, array: missing,
                expected: "there beside '\(present)', for alone they check nothing")
        }
        return (nil, others + file.keys.sorted())
    }

    private static func arrays(
        _ path: String
    ) throws(ModelError) -> (arrays: [String: Tensor], others: [String]) {
        do {
            return try Checkpoint.arrays(names, of: path)
        } catch {
            throw .checkpoint(error)
        }
    }

    private static func outputs(
        _ features: Tensor, _ probabilities: Tensor, _ file: [String: Tensor], _ path: String,
        _ summary: HeadSummary
    ) throws(ModelError) -> GoldenOutputs {
        guard summary.output != .scores else { throw .goldenUnavailable(path: path) }
        let rowCount = try rowCount(features, width: summary.inputCount, path)
        try expect([rowCount, summary.classCount], probabilities, path)
        return GoldenOutputs(
            features: try numbers(features, path, where: \.isFinite),
            probabilities: try numbers(probabilities, path) { (0...1).contains($0) },
            rowCount: rowCount,
            tolerance: try file["tolerance"].map { (tensor) throws(ModelError) in
                try tolerance(tensor, path)
            },
            standardErrors: try file["standard_error"].map { (tensor) throws(ModelError) in
                try expect(probabilities.shape, tensor, path)
                return try numbers(
                    tensor, path, hint: "; no mean of probabilities has one above 0.5",
                    where: { (0...0.5).contains($0) })
            },
            sampleCount: try file["samples"].map { (tensor) throws(ModelError) in
                try count(tensor, path)
            })
    }

    /// The rows of the features, which are at least one.
    private static func rowCount(
        _ features: Tensor, width: Int, _ path: String
    ) throws(ModelError) -> Int {
        let shape = features.shape
        guard let rowCount = shape.first, rowCount > 0 else {
            throw .goldenArray(
                path: path, array: features.name,
                expected: "at least one row of \(width) numbers, not of shape \(shape)")
        }
        try expect([rowCount, width], features, path)
        return rowCount
    }

    private static func expect(
        _ shape: [Int], _ tensor: Tensor, _ path: String
    ) throws(ModelError) {
        guard tensor.shape != shape else { return }
        throw .goldenArray(
            path: path, array: tensor.name,
            expected: "of shape \(shape), not \(tensor.shape)" + advice(shape, tensor))
    }

    /// The way from the shape that an author's library gives to that of a head of one label.
    private static func advice(_ shape: [Int], _ tensor: Tensor) -> String {
        guard shape[1] == 1, tensor.name != "features" else { return "" }
        let (found, name) = (tensor.shape, tensor.name)
        return switch found {
        case [shape[0], 2]:
            "; the head has one label, the second of two classes: save \(name)[:, 1:]"
        case [shape[0]]: "; save \(name)[:, None]"
        default: ""
        }
    }

    /// The number of an array of one element.
    private static func one(
        _ tensor: Tensor, _ path: String, hint: String = "", where isFit: (Float) -> Bool
    ) throws(ModelError) -> Float {
        guard tensor.elementCount == 1 else {
            throw .goldenArray(
                path: path, array: tensor.name, expected: "one number, not \(tensor.shape)")
        }
        return try numbers(tensor, path, hint: hint, where: isFit)[0]
    }

    /// No two probabilities differ by more than 1, so that a larger tolerance would check nothing.
    private static func tolerance(_ tensor: Tensor, _ path: String) throws(ModelError) -> Float {
        try one(tensor, path, hint: "; it is a difference of probabilities, and below 1") {
            (0..<1).contains($0)
        }
    }

    /// A count of at least 1. As a float it may be rounded, which matters to no standard error.
    private static func count(_ tensor: Tensor, _ path: String) throws(ModelError) -> Int {
        let value = try one(tensor, path) { $0.isFinite && $0 >= 0 }
        guard value >= 1, value <= 0x1p53, value == value.rounded() else {
            throw .goldenArray(
                path: path, array: tensor.name,
                expected: "the samples drawn for a row, a whole number from 1, not \(value)")
        }
        return Int(value)
    }

    private static func numbers(
        _ tensor: Tensor, _ path: String, hint: String = "", where isFit: (Float) -> Bool
    ) throws(ModelError) -> [Float] {
        let values: [Float]
        do {
            values = try tensor.floats()
        } catch {
            throw .checkpoint(error)
        }
        if let index = values.firstIndex(where: { !isFit($0) }) {
            throw .goldenArray(
                path: path, array: tensor.name,
                expected: "free of values such as \(values[index]) at element \(index)\(hint)")
        }
        return values
    }
}
