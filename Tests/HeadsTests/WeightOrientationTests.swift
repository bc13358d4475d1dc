import Fixtures
import Predictions
import Testing

@testable import Heads

/// Weights that are not [labels, width]: known by their names or their bias, or refused.
@Suite struct WeightOrientationTests {
    static let x: [Double] = [0.5, -0.25, 1, 0.75, -1]

    static func file(_ weight: String, _ shape: [Int], _ bias: String, _ count: Int) -> ArrayFile {
        var random = SeededRandom(seed: 31)
        var file = ArrayFile()
        file.add(weight, shape, &random)
        file.add(bias, [count], &random)
        return file
    }

    @Test(arguments: [nil, "b"])
    func `a bias as long as a row is wide shows a transposed matrix`(_ bias: String?) throws {
        let file = Self.file("W", [5, 4], "b", 4)
        let text = try #require(try file.refusal(UnnamedBiasTests.manifest("W", bias: bias)))
        #expect(
            text.contains("'W' has shape [5, 4], expected [labels, width], but 'b' has one number"))
        #expect(text.hasSuffix("save their transpose"))
    }

    /// Haiku: `w` [inputs, outputs], which a square matrix does not show.
    @Test(arguments: [
        ("linear/w", "linear/b", "linear/w"), ("linear/w", "linear/b", "linear"),
        ("mlp/~/linear_1/w", "mlp/~/linear_1/b", "mlp/~/linear_1"),
    ])
    func `layers of Haiku have their inputs first`(
        _ weight: String, _ bias: String, _ name: String
    ) throws {
        let file = Self.file(weight, [5, 5], bias, 5)
        let kernel = try #require(file[weight]).values
        let biases = try #require(file[bias]).values
        let logits = (0..<5).map { output in
            Self.x.indices.reduce(Double(biases[output])) { sum, input in
                sum + Double(kernel[input * 5 + output]) * Self.x[input]
            }
        }
        expectClose(
            try file.probabilities(UnnamedBiasTests.manifest(name), Self.x.map { Float($0) }),
            ReferenceHead.softmax(logits))
    }

    @Test func `a bias that fits the rows alone shows outputs first`() throws {
        let file = Self.file("linear/w", [4, 5], "linear/b", 4)
        expectClose(
            try file.probabilities(UnnamedBiasTests.manifest("linear"), Self.x.map { Float($0) }),
            ReferenceHead.softmax(try file.affine("linear/w", "linear/b", Self.x)))
    }

    @Test(arguments: [[5, 5], [5, 4]])
    func `coefficients of a scikit-learn MLP are refused as transposed`(_ shape: [Int]) throws {
        let file = Self.file("coefs_1", shape, "intercepts_1", shape[1])
        let told = UnnamedBiasTests.manifest("coefs_1", bias: "intercepts_1")
        for manifest in [told, .dense()] {
            let text = try #require(try file.refusal(manifest))
            #expect(text.contains("save coefs_[1].T as 'out.weight' and intercepts_[1] as"))
        }
        let before = ModelManifest.dense {
            $0.preLogits = .relu
            $0.tensors = NamedTensorTests.names(weight: "V", preLogits: "coefs_1")
        }
        var both = file
        var random = SeededRandom(seed: 32)
        both.add("V", [3, shape[1]], &random)
        #expect(try #require(try both.refusal(before)).contains("coefs_[1].T"))
    }

    // MARK: No matrix

    @Test func `coefficients of one dimension are told to be a row`() throws {
        var random = SeededRandom(seed: 33)
        for (name, told) in [("coef_", nil), ("W", "W")] {
            var file = ArrayFile()
            file.add(name, [5], &random)
            let text = try #require(try file.refusal(UnnamedBiasTests.manifest(told)))
            #expect(text.contains("'\(name)' has shape [5], expected a matrix [labels, width]"))
            #expect(text.hasSuffix("are [1, 5]: save them with reshape(1, -1)"))
        }
    }

    @Test func `so are those of a lone array`() throws {
        let checkpoint = try ArrayFile.lone([5], [1, 2, 3, 4, 5])
        #expect {
            _ = try HeadRecognition(manifest: .dense(.sigmoid), checkpoint: checkpoint).head()
        } throws: {
            "\($0)" == "made/matrix.npy: no head, for its only array has shape [5], expected a "
                + "matrix [labels, width]; the weights of one label are [1, 5]: save them with "
                + "reshape(1, -1)"
        }
    }

    @Test(arguments: [
        ("head.fc.weight", [4, 5, 1, 1]), ("resnet/head/conv2d/kernel", [1, 1, 5, 4]),
    ])
    func `a convolution of one pixel is named before other matrices`(
        _ name: String, _ shape: [Int]
    ) throws {
        var random = SeededRandom(seed: 34)
        var file = ArrayFile()
        file.add(name, shape, &random)
        file.add("se.weight", [4, 5], &random)
        let text = try #require(try file.refusal(.dense()))
        #expect(text.contains("'\(name)' \(shape) has a head's name; a convolution with a "))
        #expect(!text.contains("se.weight"))
    }

    @Test func `a convolution that is named is refused with the way out`() throws {
        var random = SeededRandom(seed: 34)
        var file = ArrayFile()
        file.add("fc.weight", [4, 5, 1, 1], &random)
        let text = try #require(try file.refusal(UnnamedBiasTests.manifest("fc.weight")))
        #expect(text.hasSuffix("then save it as [4, 5]"))
    }

    /// T5's dotted names are not those of the authors' code, whose heads have noise.
    @Test(arguments: [".", "/"])
    func `the mean of a HET head alone is no dense head`(_ separator: String) throws {
        var random = SeededRandom(seed: 35)
        var file = ArrayFile()
        for layer in ["loc_layer", "diag_layer"] {
            let path = ["target", "head", layer].joined(separator: separator)
            file.add(path + separator + "kernel", [5, 4], &random)
            file.add(path + separator + "bias", [4], &random)
        }
        let name = ["target", "head", "loc_layer"].joined(separator: separator)
        let text = try #require(try file.refusal(UnnamedBiasTests.manifest(name)))
        #expect(text.contains("the noise of a het or het-xl head"))
    }
}
