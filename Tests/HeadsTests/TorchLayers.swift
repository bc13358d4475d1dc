import Fixtures
import Predictions
import Testing

@testable import Heads

extension ArrayFile {
    /// Random weights of a file of PyTorch layers: [outputs, inputs] each, with biases.
    init(layers: [(name: String, shape: [Int])], seed: UInt64 = 4) {
        var random = SeededRandom(seed: seed)
        for (name, shape) in layers { addLayer(torch: name, shape, &random) }
    }

    mutating func addLayer(torch name: String, _ shape: [Int], _ random: inout SeededRandom) {
        add(name + ".weight", shape, &random)
        add(name + ".bias", [shape[0]], &random)
    }

    /// W x + b in double precision, from arrays of these names.
    func affine(_ weight: String, _ bias: String?, _ x: [Double]) throws -> [Double] {
        let weights = try #require(self[weight])
        let biases = try bias.map { try #require(self[$0]).values }
        return (0..<weights.shape[0]).map { row in
            x.indices.reduce(Double(biases?[row] ?? 0)) { sum, column in
                sum + Double(weights.values[row * x.count + column]) * x[column]
            }
        }
    }

    func affine(_ layer: String, _ x: [Double]) throws -> [Double] {
        try affine(layer + ".weight", layer + ".bias", x)
    }

    /// The probabilities that the head of the file gives to one row.
    func probabilities(_ manifest: ModelManifest, _ x: [Float]) throws -> [Double] {
        let answer = try predictions(try head(manifest), x, everything())[0]
        return try #require(answer.probabilities).map { Double($0) }
    }
}

extension ModelManifest {
    static func dense(
        _ link: Link? = .softmax, _ change: (inout ModelManifest) -> Void = { _ in }
    ) -> ModelManifest {
        var manifest = ModelManifest()
        (manifest.head, manifest.link) = (.dense, link)
        change(&manifest)
        return manifest
    }
}

/// Float32 logits of a few terms below 4, each rounded to 2⁻²⁴ of itself: below 2⁻²⁰ together, and
/// a probability moves by a quarter of that at most; its own rounding is below.
let smallHeadTolerance = 0x1p-20

func expectClose(
    _ found: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    let error = zip(found, expected).map { abs($0 - $1) }.max() ?? 1
    #expect(error <= smallHeadTolerance, sourceLocation: sourceLocation)
}
