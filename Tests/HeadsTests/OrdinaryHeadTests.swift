import Checkpoints
import Fixtures
import Predictions
import Testing

@testable import Heads

/// Last layers by the names that common libraries give them.
@Suite struct OrdinaryHeadTests {
    static let names = [
        "classifier", "fc", "head", "head.fc", "head.l", "head.linear", "classifier.1",
        "classifier.3", "classifier.6", "heads.head", "last_linear", "output", "score", "logits",
        "classifier.out_proj", "classification_head.out_proj", "fc.1", "mlp_head.1",
    ]

    @Test(arguments: names, ["", "module.", "model.", "module.backbone."])
    func `a head is found by its name at any depth`(_ name: String, _ prefix: String) throws {
        let file = ArrayFile(layers: [
            (prefix + "layers.0.attention.fc", [5, 5]), (prefix + "stem", [5, 9]),
            (prefix + name, [7, 5]),
        ])
        let report = try file.report(.dense())
        #expect(report.rule == "`\(name).weight` [7, 5], one dense layer")
        #expect(report.prefix == (name.contains(where: \.isNumber) ? report.prefix : prefix))
        let x = (0..<5).map { Double($0) / 4 - 0.5 }
        expectClose(
            try file.probabilities(.dense(), x.map { Float($0) }),
            ReferenceHead.softmax(try file.affine(prefix + name, x)))
    }

    @Test func `the link is asked for`() throws {
        let file = ArrayFile(layers: [("model.score", [7, 5])])
        #expect(try file.report(ModelManifest()).missingKeys == ["head"])
        #expect(try file.report(.dense(nil)).missingKeys == ["link"])
    }

    @Test func `a layer of any name that is all there is could be the head`() throws {
        let file = ArrayFile(layers: [("model.final", [7, 5])])
        #expect(try file.head(.dense()).summary.classCount == 7)
        let two = ArrayFile(layers: [("model.final", [7, 5]), ("model.stem", [5, 5])])
        #expect(try two.refusal(.dense())?.contains("no known head") == true)
    }

    @Test(arguments: ["encoder.final", "final"])
    func `a layer of any name is told by its path or the end of it`(_ prefix: String) throws {
        let file = ArrayFile(layers: [("encoder.final", [7, 5]), ("encoder.stem", [5, 5])])
        let manifest = ModelManifest.dense { $0.prefix = prefix }
        #expect(try file.head(manifest).summary.classCount == 7)
        #expect(try file.report(manifest).prefix == "encoder.final")
    }

    @Test func `layers in numbered blocks are the backbone's`() throws {
        let file = ArrayFile(layers: [
            ("blocks.0.fc", [5, 5]), ("model.layers.3.head", [5, 5]), ("fc", [7, 5]),
        ])
        #expect(try file.head(.dense()).summary.classCount == 7)
    }

    @Test(arguments: [(["0", "2"], 7), (["0", "3", "6"], 7)])
    func `the last layer of a sequence is the head`(_ numbers: [String], _ classes: Int) throws {
        let sizes = [9, 8, 6, 5]
        var layers: [(String, [Int])] = []
        for (index, number) in numbers.enumerated() {
            let isLast = index == numbers.count - 1
            layers.append((number, [isLast ? classes : sizes[index + 1], sizes[index]]))
        }
        for prefix in ["", "classifier.", "model.", "model.head."] {
            let file = ArrayFile(layers: layers.map { (prefix + $0.0, $0.1) })
            let report = try file.report(.dense())
            #expect(report.sizes.classCount == classes)
            #expect(
                report.passedThrough.map(\.name)
                    == numbers.dropLast().map { prefix + $0 })
        }
    }

    @Test func `an array alone is a matrix with a row for each label`() throws {
        let values: [Float] = [1, 0, -1, 0.5, 0.25, 2]
        let checkpoint = try ArrayFile.lone([2, 3], values)
        let manifest = ModelManifest.dense()
        let recognition = HeadRecognition(manifest: manifest, checkpoint: checkpoint)
        #expect(try recognition.report().rule == "an array [2, 3], one row a label")
        let head = try recognition.head()
        let found = try predictions(head, [1, 2, 3], everything())[0].probabilities
        expectClose(
            try #require(found).map { Double($0) }, ReferenceHead.softmax([1 - 3, 0.5 + 0.5 + 6]))
        let open = HeadRecognition(manifest: ModelManifest(), checkpoint: checkpoint)
        #expect(try open.report().missingKeys == ["head"])
        #expect(try open.report().choices.map(\.missingKeys) == [["link"]])
    }

    // MARK: No known head

    @Test func `without a head the last matrices and a way to name one are listed`() throws {
        let file = ArrayFile(layers: (0..<10).map { ("m.layer\($0)", [3, 2 + $0]) })
        let text = try #require(try file.refusal(.dense()))
        #expect(text.hasPrefix("\(ArrayFile.path): no known head among its 20 tensors. Matrices"))
        #expect(!text.contains("'m.layer1.weight'"))
        for index in 2..<10 { #expect(text.contains("'m.layer\(index).weight' [3, \(2 + index)]")) }
        #expect(text.contains("Names that are looked for: classif, classifier, "))
        #expect(text.hasSuffix(#"which: {"prefix": "m.layer9", "head": "dense", …}"#))
    }

    @Test(arguments: [
        ("a/out/kernel", #""prefix": "a/out""#), ("W", #""tensors": {"weight": "W", "bias": "v"}"#),
    ])
    func `the line fits the name`(_ name: String, _ line: String) throws {
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        file.add("v", [4], &random)
        file.add(name, [4, 3], &random)
        #expect(try #require(try file.refusal(.dense())).contains(line))
    }

    @Test func `without a matrix the first names are listed`() throws {
        var random = SeededRandom(seed: 1)
        var file = ArrayFile()
        file.add("v", [4], &random)
        let text = try #require(try file.refusal(.dense()))
        #expect(text.contains("its 1 tensors, which begin with v; none is a matrix."))
    }

    @Test(arguments: [
        ("{}", "e: no head, for it holds no tensors that are read"),
        (
            #"{"q":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}"#,
            "e: no head, for it holds no tensors that are read and 1 that are not read, 'q' (F4)"
        ),
    ])
    func `a file without tensors has no names to list`(header: String, text: String) throws {
        let bytes = [UInt8(header.utf8.count)] + [UInt8](repeating: 0, count: 7) + header.utf8
        let checkpoint = try Checkpoint.read(bytes + (header == "{}" ? [] : [7]), name: "e")
        let recognition = HeadRecognition(manifest: .dense(), checkpoint: checkpoint)
        do throws(ModelError) {
            _ = try recognition.head()
            Issue.record("loads")
        } catch {
            #expect("\(error)" == text)
        }
    }
}
