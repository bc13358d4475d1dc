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

    /// Reads the file; no outputs when it lacks features or probabilities. Arrays of other names
    /// may be anything, for authors keep labels, logits and draws there, and are listed; but not
    /// one whose name could be a slip for one that is missing.
    static func read(
        _ path: String, for summary: HeadSummary
    ) throws(ModelError) -> (outputs: GoldenOutputs?, ignored: [String]) {
        let (file, others) = try arrays(path)
        try refuseSlips(others, missing: names.subtracting(file.keys), path)
        guard let features = file["features"], let probabilities = file["probabilities"] else {
            return (nil, others + file.keys.sorted())
        }
        return (try outputs(features, probabilities, file, path, summary), others)
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

    /// Refuses a name that differs from a missing one in at most a third of its letters.
    private static func refuseSlips(
        _ others: [String], missing: Set<String>, _ path: String
    ) throws(ModelError) {
        for other in others where other.utf8.count <= 32 {
            for name in missing.sorted()
            where NearNames.distance(Array(name.utf8), Array(other.utf8)) <= name.utf8.count / 3 {
                throw .goldenArray(
                    path: path, array: other,
                    expected: "called '\(name)' if that is meant, else by a name less like it")
            }
        }
    }

    private static func outputs(
        _ features: Tensor, _ probabilities: Tensor, _ file: [String: Tensor], _ path: String,
        _ summary: HeadSummary
    ) throws(ModelError) -> GoldenOutputs {
        guard summary.output != .scores else { throw .goldenUnavailable(path: path) }
        let rowCount = features.shape.first ?? 0
        try expect([rowCount, summary.inputCount], features, path)
        try expect([rowCount, summary.classCount], probabilities, path)
        return GoldenOutputs(
            features: try numbers(features, path) { $0.isFinite },
            probabilities: try numbers(probabilities, path) { (0...1).contains($0) },
            rowCount: rowCount,
            tolerance: try file["tolerance"].map { (tensor) throws(ModelError) in
                try one(tensor, path)
            },
            standardErrors: try file["standard_error"].map { (tensor) throws(ModelError) in
                try expect(probabilities.shape, tensor, path)
                return try numbers(tensor, path) { $0.isFinite && $0 >= 0 }
            },
            sampleCount: try file["samples"].map { (tensor) throws(ModelError) in
                try count(tensor, path)
            })
    }

    private static func expect(
        _ shape: [Int], _ tensor: Tensor, _ path: String
    ) throws(ModelError) {
        guard tensor.shape == shape, shape[0] > 0 else {
            throw .goldenArray(
                path: path, array: tensor.name, expected: "of shape \(shape), not \(tensor.shape)")
        }
    }

    /// The number of an array of one element, at least 0.
    private static func one(_ tensor: Tensor, _ path: String) throws(ModelError) -> Float {
        guard tensor.elementCount == 1 else {
            throw .goldenArray(
                path: path, array: tensor.name, expected: "one number, not \(tensor.shape)")
        }
        return try numbers(tensor, path) { $0.isFinite && $0 >= 0 }[0]
    }

    /// A count of at least 1. As a float it may be rounded, which matters to no standard error.
    private static func count(_ tensor: Tensor, _ path: String) throws(ModelError) -> Int {
        let value = try one(tensor, path)
        guard value >= 1, value <= 0x1p53, value == value.rounded() else {
            throw .goldenArray(
                path: path, array: tensor.name,
                expected: "the samples drawn for a row, a whole number from 1, not \(value)")
        }
        return Int(value)
    }

    private static func numbers(
        _ tensor: Tensor, _ path: String, _ isFit: (Float) -> Bool
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
                expected: "free of values such as \(values[index]) at element \(index)")
        }
        return values
    }
}
