import Checkpoints
import Fixtures
import Foundation
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// `normalize`, `normalize_weights`, `scale`, `temperature` and `bias` of `model.json`, and `gelu`
/// before the head, against their equations in Double.
@Suite struct LogitLawTests {
    typealias Vector = [Double]

    /// The law that keys give a head.
    struct Law {
        var hasUnitRows = false
        var hasUnitWeights = false
        var factor = 1.0
        var bias = 0.0

        /// Logits of one row.
        func logits(_ row: Vector, _ weights: [Vector], _ biases: Vector) -> Vector {
            let x = hasUnitRows ? Self.unit(row) : row
            return zip(weights, biases).map { w, b in
                let w = hasUnitWeights ? Self.unit(w) : w
                return factor * (zip(x, w).reduce(b) { $0 + $1.0 * $1.1 }) + bias
            }
        }

        static func unit(_ row: Vector) -> Vector {
            let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return length == 0 ? row : row.map { $0 / length }
        }
    }

    /// K labels, D features, B rows: random, the last row all zeros.
    struct Case {
        static let (classes, width, rows) = (7, 24, 5)
        var file = ArrayFile()
        let features: [Float]

        init(seed: UInt64, weight: String = "fc.weight", bias: String? = "fc.bias") {
            var random = SeededRandom(seed: seed)
            file.add(weight, [Self.classes, Self.width], &random)
            if let bias { file.add(bias, [Self.classes], &random) }
            features =
                random.floats((Self.rows - 1) * Self.width).map { $0 * 3 }
                + [Float](repeating: 0, count: Self.width)
        }

        func vectors(_ name: String, width: Int = width) -> [Vector] {
            let values = (file[name]?.values ?? []).map { Double($0) }
            return stride(from: 0, to: values.count, by: width).map {
                Array(values[$0..<$0 + width])
            }
        }

        var instances: [Vector] {
            (0..<Self.rows).map { row in
                features[row * Self.width..<(row + 1) * Self.width].map { Double($0) }
            }
        }

        func head(_ keys: String, _ format: WeightFormat = .float32) throws -> any Head {
            try HeadRecognition(
                manifest: try ManifestKeyTests.parse("{\(keys)}"),
                checkpoint: try file.checkpoint(), weights: format
            ).head()
        }
    }

    /// A logit is a sum of D + 1 terms of a size below 2⁵ in all, each rounded a few times, times
    /// the factor; a probability moves by at most half of the largest error of a logit, and by the
    /// 2⁻²¹ of the softmax.
    static func tolerance(factor: Double) -> Double {
        Double(Case.width + 4) * 0x1p-24 * 0x1p5 * max(factor, 1) / 2 + 0x1p-21
    }

    static func error(
        _ head: any Head, _ features: [Float], _ expected: [Vector]
    ) throws -> Double {
        let found = try predictions(head, features, everything()).map { $0.probabilities ?? [] }
        #expect(found.map(\.count) == expected.map(\.count))
        return zip(found.joined(), expected.joined()).map { abs(Double($0) - $1) }.max()
            ?? .infinity
    }

    /// Keys with the law they say.
    static let laws: [(keys: String, law: Law)] = [
        (#""temperature": 2.5"#, Law(factor: 0.4)),
        (#""scale": 3, "temperature": 0.5"#, Law(factor: 6)),
        (#""normalize": "none", "normalize_weights": false"#, Law()),
        (#""normalize": "l2", "scale": 4"#, Law(hasUnitRows: true, factor: 4)),
        (#""normalize_weights": true"#, Law(hasUnitWeights: true)),
        (
            #""normalize": "l2", "normalize_weights": true, "scale": 8"#,
            Law(hasUnitRows: true, hasUnitWeights: true, factor: 8)
        ),
    ]

    @Test(arguments: laws, Link.allCases)
    func `dense heads follow the keys`(_ keys: (keys: String, law: Law), link: Link) throws {
        let data = Case(seed: 3)
        let head = try data.head(#""head": "dense", "link": "\#(link.rawValue)", \#(keys.keys)"#)
        let biases = data.vectors("fc.bias", width: Case.classes)[0]
        let expected = data.instances.map { row in
            Self.probabilities(keys.law.logits(row, data.vectors("fc.weight"), biases), link)
        }
        let tolerance = Self.tolerance(factor: keys.law.factor)
        #expect(try Self.error(head, data.features, expected) <= tolerance)
    }

    static func probabilities(_ logits: Vector, _ link: Link) -> Vector {
        link == .softmax ? ReferenceHead.softmax(logits) : ReferenceHead.sigmoid(logits)
    }

    /// CLIP: softmax of 100 cosines or so; a bare matrix of text embeddings.
    @Test func `CLIP is a softmax of scaled cosines`() throws {
        let data = Case(seed: 4, weight: "weight", bias: nil)
        let head = try data.head(
            #"""
            "head": "dense", "link": "softmax", "normalize": "l2", "normalize_weights": true,
            "scale": 14.25
            """#)
        let law = Law(hasUnitRows: true, hasUnitWeights: true, factor: 14.25)
        let none = Vector(repeating: 0, count: Case.classes)
        let expected = data.instances.map {
            ReferenceHead.softmax(law.logits($0, data.vectors("weight"), none))
        }
        #expect(try Self.error(head, data.features, expected) <= Self.tolerance(factor: 14.25))
        // A row of zeros has no direction: all labels are alike.
        let last = try #require(try predictions(head, data.features, everything()).last)
        #expect(last.probabilities == [Float](repeating: 1 / Float(Case.classes), count: 7))
    }

    /// SigLIP: σ(scale · cos + bias), with a bias far below zero.
    @Test(arguments: [nil, "fc.bias"])
    func `SigLIP is a sigmoid of scaled cosines and a bias`(_ bias: String?) throws {
        let data = Case(seed: 5, bias: bias)
        let head = try data.head(
            #"""
            "head": "dense", "link": "sigmoid", "normalize": "l2", "normalize_weights": true,
            "scale": 20, "temperature": 0.8, "bias": -9.5
            """#)
        let law = Law(hasUnitRows: true, hasUnitWeights: true, factor: 25, bias: -9.5)
        let own =
            bias.map { data.vectors($0, width: Case.classes)[0] }
            ?? Vector(repeating: 0, count: Case.classes)
        let expected = data.instances.map {
            ReferenceHead.sigmoid(law.logits($0, data.vectors("fc.weight"), own))
        }
        #expect(try Self.error(head, data.features, expected) <= Self.tolerance(factor: 25))
    }

    @Test(arguments: WeightFormat.allCases)
    func `every format of weights follows the keys`(_ format: WeightFormat) throws {
        let data = Case(seed: 6)
        let head = try data.head(
            #"""
            "head": "dense", "link": "sigmoid", "normalize": "l2", "normalize_weights": true,
            "scale": 6, "temperature": 0.75, "bias": -1
            """#, format)
        let law = Law(hasUnitRows: true, hasUnitWeights: true, factor: 8, bias: -1)
        let biases = data.vectors("fc.bias", width: Case.classes)[0]
        let expected = data.instances.map {
            ReferenceHead.sigmoid(law.logits($0, data.vectors("fc.weight"), biases))
        }
        let tolerance = Self.tolerance(factor: 8) + Double(format.probabilityError)
        #expect(try Self.error(head, data.features, expected) <= tolerance)
    }

    // MARK: Other heads

    /// A kernel [D, K] has the weights of an output in a column.
    @Test func `heads of the JAX code follow the keys`() throws {
        let torch = Case(seed: 7)
        let weights = torch.vectors("fc.weight")
        var data = torch
        let columns = (0..<Case.width).flatMap { d in weights.map { Float($0[d]) } }
        data.file["head/kernel"] = .init(
            name: "head/kernel", shape: [Case.width, Case.classes], values: columns)
        data.file["head/bias"] = data.file["fc.bias"].map {
            .init(name: "head/bias", shape: $0.shape, values: $0.values)
        }
        data.file["fc.weight"] = nil
        data.file["fc.bias"] = nil
        let keys =
            #""head": "dense", "link": "softmax", "normalize_weights": true, "temperature": 0.5"#
        let found = try predictions(try data.head(keys), data.features, everything())
        let expected = try predictions(try torch.head(keys), data.features, everything())
        #expect(found == expected)
    }

    @Test func `MHS heads follow the keys`() throws {
        let data = Case(seed: 8, weight: "weight", bias: nil)
        var file = data.file
        file["weight"]?.shape = [7, 1, Case.width]
        var manifest = try ManifestKeyTests.parse(
            #"""
            {"head": "mhs", "link": "sigmoid", "normalize": "l2", "normalize_weights": true,
             "scale": 3, "temperature": 0.25, "bias": 2}
            """#)
        let law = Law(hasUnitRows: true, hasUnitWeights: true, factor: 12, bias: 2)
        let none = Vector(repeating: 0, count: Case.classes)
        let expected = data.instances.map {
            ReferenceHead.sigmoid(law.logits($0, data.vectors("weight"), none))
        }
        let tolerance = Self.tolerance(factor: 12)
        #expect(try Self.error(try file.head(manifest), data.features, expected) <= tolerance)
        manifest.classes = 6
        let fewer = expected.map { Array($0.dropLast()) }
        #expect(try Self.error(try file.head(manifest), data.features, fewer) <= tolerance)
    }

    /// Members are averaged behind the link, so each has the law to itself.
    @Test(arguments: Link.allCases) func `members follow the keys`(link: Link) throws {
        let data = Case(seed: 9)
        var random = SeededRandom(seed: 10)
        var file = ArrayFile()
        file.add("head/kernel", [Case.width, Case.classes], &random)
        file.add("head/bias", [2, Case.classes], &random)
        file.add("head/fast_weight_alpha", [2, Case.width], &random)
        file.add("head/fast_weight_gamma", [2, Case.classes], &random)
        func values(_ name: String) -> Vector { (file[name]?.values ?? []).map { Double($0) } }
        let law = Law(factor: 3 / 1.5, bias: link == .sigmoid ? -0.5 : 0)
        let members = (0..<2).map { e -> [Vector] in
            let weights = (0..<Case.classes).map { k in
                (0..<Case.width).map { d in
                    values("head/kernel")[d * Case.classes + k]
                        * values("head/fast_weight_alpha")[e * Case.width + d]
                        * values("head/fast_weight_gamma")[e * Case.classes + k]
                }
            }
            let biases = Array(values("head/bias")[e * Case.classes..<(e + 1) * Case.classes])
            return data.instances.map {
                Self.probabilities(law.logits($0, weights, biases), link)
            }
        }
        let expected = zip(members[0], members[1]).map { zip($0, $1).map { ($0 + $1) / 2 } }
        let bias = link == .sigmoid ? #", "bias": -0.5"# : ""
        let manifest = try ManifestKeyTests.parse(
            #"{"head": "dense", "link": "\#(link)", "scale": 3, "temperature": 1.5\#(bias)}"#
        )
        let error = try Self.error(try file.head(manifest), data.features, expected)
        #expect(error <= Self.tolerance(factor: 2))
    }

    /// Normalising is a step before any head: its answers are those to the scaled instances.
    @Test(arguments: [
        "het/hetxl-softmax-full", "het/het-sigmoid-full", "mhe/mhp-3heads", "mhe/mhc-xmc",
        "mhe/mhc-2heads", "mhe/mhs",
    ])
    func `instances of every head are normalised`(_ fixture: String) throws {
        let head = try Model.load(path: Fixtures.folder(fixture)).head
        let width = head.summary.inputCount
        var random = SeededRandom(seed: 13)
        let rows = random.floats(3 * width).map { $0 * 5 }
        let scaled = stride(from: 0, to: rows.count, by: width).flatMap { start in
            Law.unit(rows[start..<start + width].map { Double($0) }).map { Float($0) }
        }
        let options = RowOptions(
            topK: 5, sampleCount: 12, seed: 1,
            wantsProbabilities: head.summary.output != .scores)
        #expect(
            try predictions(UnitInputHead(base: head), rows, options)
                == predictions(head, scaled, options))
    }

    /// Instances are normalised before the layer in front of the head, whose gelu is x Φ(x).
    @Test func `gelu runs between the layer and the head`() throws {
        var data = Case(seed: 11)
        var random = SeededRandom(seed: 12)
        data.file.add("pre_logits.weight", [Case.width, Case.width], &random)
        data.file.add("pre_logits.bias", [Case.width], &random)
        let head = try data.head(
            #""head": "dense", "link": "softmax", "normalize": "l2", "pre_logits": "gelu""#)
        let biases = data.vectors("pre_logits.bias")[0]
        let expected = data.instances.map { row in
            let hidden = Law(hasUnitRows: true)
                .logits(row, data.vectors("pre_logits.weight"), biases)
                .map { $0 * erfc(-$0 / 2.0.squareRoot()) / 2 }
            return ReferenceHead.softmax(
                Law().logits(
                    hidden, data.vectors("fc.weight"),
                    data.vectors("fc.bias", width: Case.classes)[0]))
        }
        // Two layers, and 10 ulp of features below 2².
        let tolerance = 2 * Self.tolerance(factor: 1) + Double(Case.width) * 0x1p-18
        #expect(try Self.error(head, data.features, expected) <= tolerance)
    }

    // MARK: What float32 does not hold

    @Test(arguments: [
        (#""scale": 1e30, "temperature": 1e-9"#, true),
        (#""scale": 1e30, "temperature": 1e-8"#, false),
        (#""scale": 1e-30, "temperature": 1e8"#, true),
        (#""scale": 1e-30, "temperature": 1e7"#, false),
        (#""scale": 1e-20, "bias": 1e19"#, true), (#""scale": 1e-20, "bias": 1e18"#, false),
    ])
    func `a factor beyond float32 is refused`(_ keys: String, _ isRefused: Bool) throws {
        let manifest = try ManifestKeyTests.parse(
            #"{"head": "dense", "link": "sigmoid", \#(keys)}"#)
        let refusal = try Case(seed: 1).file.refusal(manifest)
        #expect((refusal != nil) == isRefused)
        #expect(refusal?.contains("'scale'") ?? true && refusal?.contains("float32") ?? true)
    }

    /// A logit times the factor may overflow where the logit does not.
    @Test func `an overflow behind the factor is one`() throws {
        for link in Link.allCases {
            let head = try Case(seed: 2).head(
                #""head": "dense", "link": "\#(link.rawValue)", "scale": 3e38"#)
            let row = [Float](repeating: 100, count: Case.width)
            let batch = FeatureBatch(features: row, options: [everything()])
            #expect(head.predict(batch, ComputeContext(kernel: .threads(1))) == [.overflow])
        }
    }
}
