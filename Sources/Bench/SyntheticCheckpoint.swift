internal import Checkpoints
internal import Foundation
internal import Heads
internal import LogitKernels

/// A checkpoint of random weights with the authors' names and shapes, loaded from a file like any
/// other checkpoint.
struct SyntheticCheckpoint {
    private let shape: BenchShape
    private let kind: BenchKind

    init(_ kind: BenchKind, _ shape: BenchShape) {
        self.kind = kind
        self.shape = shape
    }

    /// Writes a file, loads it and removes it; the model keeps its mapping.
    func model(_ weights: WeightFormat?) throws -> Model {
        let path = NSTemporaryDirectory() + "/headserve-bench-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write(to: path)
        return try Model.load(path: path, weights: weights)
    }

    /// Writes the file. The same kind and shape give the same bytes.
    func write(to path: String) throws(SafetensorsWriteError) {
        var writer = try SafetensorsWriter(
            path: path, tensors: tensors, metadata: ["headserve.model": manifest])
        var numbers = SyntheticNumbers()
        for tensor in writer.tensors { try fill(tensor, &numbers, &writer) }
        try writer.finish()
    }

    private var manifest: String {
        switch kind {
        case .logits, .mhs, .json, .http: #"{"head": "mhs"}"#
        case .hetXL:
            """
            {"head": "het-xl", "temperature": 1.5, "samples": \(shape.samples), \
            "diagonal_noise": "\(shape.noise.rawValue)"}
            """
        case .mhp:
            """
            {"head": "mhp", "heads": [\(shape.groups), \(shape.groupSize)], \
            "classes": \(shape.classes), "head_activation": "softmax"}
            """
        case .mhc:
            """
            {"head": "mhc", "heads": [\(shape.groups), \(shape.groupSize)], \
            "classes": \(shape.classes), "beam": \(shape.beam), "task": "multi-label"}
            """
        }
    }

    private var tensors: [TensorDescription] {
        let (d, k, h) = (shape.features, shape.classes, shape.hidden)
        switch kind {
        case .logits, .mhs, .json, .http: return [tensor("weight", [1, k, d])]
        case .hetXL: return heteroscedastic
        case .mhp: return layer("classifier", shape.groups + shape.groupSize, d)
        case .mhc:
            return layer("l0", shape.groups, d) + layer("l1", h, d)
                + [tensor("embed.weight", [k, h])]
        }
    }

    private var heteroscedastic: [TensorDescription] {
        let (d, k, r) = (shape.features, shape.classes, shape.factors)
        let head = "multiclass_head/"
        var tensors = dense(head + "loc_layer", d, k) + dense(head + "diag_layer", d, d)
        if r > 0 {
            tensors += dense(head + "scale_layer_homoscedastic", r, d)
            tensors += dense(head + "scale_layer_heteroscedastic", d, d)
        }
        return tensors
    }

    /// Tensors of a dense layer as the JAX code names them.
    private func dense(_ name: String, _ inputs: Int, _ outputs: Int) -> [TensorDescription] {
        [tensor(name + "/kernel", [inputs, outputs]), tensor(name + "/bias", [outputs])]
    }

    /// Tensors of a dense layer as PyTorch names them.
    private func layer(_ name: String, _ outputs: Int, _ inputs: Int) -> [TensorDescription] {
        [tensor(name + ".weight", [outputs, inputs]), tensor(name + ".bias", [outputs])]
    }

    private func tensor(_ name: String, _ shape: [Int]) -> TensorDescription {
        TensorDescription(name: name, elementType: .float32, shape: shape)
    }

    // MARK: Numbers

    /// Numbers that are made and written at once: 1 MiB, which a cache holds.
    private static let pieceCount = 1 << 18

    /// Writes uniform numbers, scaled so that their sum over the inputs has about unit variance.
    private func fill(
        _ tensor: TensorDescription, _ numbers: inout SyntheticNumbers,
        _ writer: inout SafetensorsWriter
    ) throws(SafetensorsWriteError) {
        let count = tensor.shape.reduce(1, *)
        let bound = (3 / Float(shape.features)).squareRoot()
        var piece = [Float](repeating: 0, count: min(count, Self.pieceCount))
        for first in stride(from: 0, to: count, by: Self.pieceCount) {
            numbers.fill(&piece, bound: bound)
            let byteCount = min(piece.count, count - first) * MemoryLayout<Float>.size
            // Safety: floats are bytes without padding, in the order of the only processors here.
            let bytes = unsafe Span<UInt8>(_bytes: piece.span.bytes)
            try writer.append(bytes.extracting(first: byteCount), to: tensor.name)
        }
    }
}
