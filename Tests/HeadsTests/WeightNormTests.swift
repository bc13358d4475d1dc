import Fixtures
import Glibc
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Weight normalisation: g · v / ‖v‖ in double precision from the arrays of the file.
@Suite struct WeightNormTests {
    static let names = [
        ("weight_v", "weight_g"),
        ("parametrizations.weight.original1", "parametrizations.weight.original0"),
    ]

    /// D = 5, K = 4; `shape` is that of the lengths.
    static func file(_ names: (String, String), lengths shape: [Int]) -> ArrayFile {
        var random = SeededRandom(seed: 8)
        var file = ArrayFile()
        file.add("fc." + names.0, [4, 5], &random)
        file.add("fc." + names.1, shape, &random)
        file.add("fc.bias", [4], &random)
        return file
    }

    /// The weights by the definition: the norm of row, column or matrix.
    static func weights(_ file: ArrayFile, _ names: (String, String)) throws -> [Double] {
        let v = try #require(file["fc." + names.0]).values.map { Double($0) }
        let g = try #require(file["fc." + names.1])
        func norm(_ members: [Int]) -> Double {
            members.reduce(0) { $0 + v[$1] * v[$1] }.squareRoot()
        }
        return v.indices.map { index in
            let (row, column) = (index / 5, index % 5)
            let (place, members): (Int, [Int]) =
                switch g.shape {
                case [4, 1]: (row, (0..<5).map { row * 5 + $0 })
                case [1, 5]: (column, (0..<4).map { $0 * 5 + column })
                default: (0, Array(v.indices))
                }
            return Double(g.values[place]) * v[index] / norm(members)
        }
    }

    @Test(arguments: names, [[4, 1], [1, 5], []])
    func `lengths are given to rows, columns or all`(
        _ names: (String, String), _ shape: [Int]
    ) throws {
        let file = Self.file(names, lengths: shape)
        let weights = try Self.weights(file, names)
        let biases = try #require(file["fc.bias"]).values.map { Double($0) }
        let x: [Double] = [0.5, -0.25, 1, 0.75, -1]
        let logits = (0..<4).map { row -> Double in
            var sum = biases[row]
            for column in 0..<5 { sum += weights[row * 5 + column] * x[column] }
            return sum
        }
        expectClose(
            try file.probabilities(.dense(), x.map { Float($0) }), ReferenceHead.softmax(logits))
        let report = try file.report(.dense())
        #expect(report.rule == "`fc.\(names.0)` [4, 5], one dense layer, with weight normalisation")
        #expect(report.parameterCount == 20 + 4 + shape.reduce(1, *))
    }

    @Test(arguments: [[4], [5, 1], [4, 1, 1], [2]])
    func `other shapes are refused`(_ shape: [Int]) throws {
        let text = try #require(
            try Self.file(Self.names[0], lengths: shape).refusal(.dense()))
        #expect(text.contains("'fc.weight_g' has shape \(shape), expected [4, 1], [1, 5] or []"))
    }

    @Test func `a row without a direction is refused`() throws {
        var file = Self.file(Self.names[0], lengths: [4, 1])
        file["fc.weight_v"]?.values.replaceSubrange(10..<15, with: [0, 0, 0, 0, 0])
        let text = try #require(try file.refusal(.dense()))
        #expect(text.contains("'fc.weight_v' is 0.0: its part 2 has no direction"))
    }

    @Test func `lengths beyond float32 are refused`() throws {
        var file = Self.file(Self.names[0], lengths: [4, 1])
        file["fc.weight_v"]?.values[0] = 1e-30
        for index in 1..<5 { file["fc.weight_v"]?.values[index] = 0 }
        file["fc.weight_g"]?.values[0] = .greatestFiniteMagnitude
        #expect(try file.refusal(.dense()) == nil)
        file["fc.weight_g"]?.values[0] = .infinity
        #expect(try #require(try file.refusal(.dense())).contains("'fc.weight_g' has a value"))
    }

    @Test func `a weight beside its parts is refused`() throws {
        var file = Self.file(Self.names[0], lengths: [4, 1])
        var random = SeededRandom(seed: 2)
        file.add("fc.weight", [4, 5], &random)
        #expect(
            try #require(try file.refusal(.dense()))
                .contains("tensor 'fc.weight_v' does not belong there: a part of a normalised"))
    }

    @Test(arguments: [WeightFormat.bfloat16, .int8])
    func `narrow formats round the normalised weights`(_ format: WeightFormat) throws {
        let file = Self.file(Self.names[1], lengths: [4, 1])
        let x: [Float] = [0.5, -0.25, 1, 0.75, -1]
        let exact = try file.probabilities(.dense(), x)
        let head = try HeadRecognition(
            manifest: .dense(), checkpoint: try file.checkpoint(), weights: format
        ).head()
        let found = try #require(try predictions(head, x, everything())[0].probabilities)
        for (found, exact) in zip(found, exact) {
            #expect(abs(Double(found) - exact) <= Double(format.probabilityError))
        }
    }
}
