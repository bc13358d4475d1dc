internal import Checkpoints
internal import Predictions

/// The author's own outputs: `features` and `probabilities` of an `expected.npz` beside the model,
/// and how far an answer may be from them.
struct GoldenOutputs: Sendable {
    /// B×`inputCount`, row-major, finite.
    let features: [Float]
    /// B×K, each within 0...1.
    let probabilities: [Float]
    let rowCount: Int
    /// Largest absolute difference of a probability; nil where the file has none.
    let tolerance: Float?

    /// The file's name in a model's folder.
    static let fileName = "expected.npz"

    /// Reads the file; nil when it lacks either array. Other arrays are ignored.
    static func read(
        _ path: String, for summary: HeadSummary
    ) throws(ModelError) -> GoldenOutputs? {
        let file: [String: Tensor]
        do {
            file = try Checkpoint.arrays(["features", "probabilities", "tolerance"], of: path)
        } catch {
            throw .checkpoint(error)
        }
        guard let features = file["features"], let probabilities = file["probabilities"] else {
            return nil
        }
        guard summary.output != .scores else { throw .goldenUnavailable(path: path) }
        let rowCount = features.shape.first ?? 0
        try expect([rowCount, summary.inputCount], features, path)
        try expect([rowCount, summary.classCount], probabilities, path)
        return GoldenOutputs(
            features: try numbers(features, path) { $0.isFinite },
            probabilities: try numbers(probabilities, path) { (0...1).contains($0) },
            rowCount: rowCount,
            tolerance: try file["tolerance"].map { (tensor) throws(ModelError) in
                try tolerance(tensor, path)
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

    private static func tolerance(_ tensor: Tensor, _ path: String) throws(ModelError) -> Float {
        guard tensor.elementCount == 1 else {
            throw .goldenArray(
                path: path, array: tensor.name, expected: "one number, not \(tensor.shape)")
        }
        return try numbers(tensor, path) { $0.isFinite && $0 >= 0 }[0]
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
