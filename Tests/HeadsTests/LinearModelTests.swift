import Fixtures
import Predictions
import Testing

@testable import Heads

/// Linear classifiers of scikit-learn: `coef_`, `intercept_` and `classes_` in a `.npz` file.
@Suite struct LinearModelTests {
    static func file(
        rows: Int, features: Int = 5, prefix: String = "", classes: [Float]? = nil
    ) -> ArrayFile {
        var random = SeededRandom(seed: 11)
        var file = ArrayFile()
        file.add(prefix + "coef_", [rows, features], &random)
        file.add(prefix + "intercept_", [rows], &random)
        if let classes {
            file[prefix + "classes_"] = .init(
                name: prefix + "classes_", shape: [classes.count], values: classes,
                areIntegers: true)
        }
        return file
    }

    static let x: [Double] = [0.5, -0.25, 1, 0.75, -1]

    @Test(arguments: ["", "clf.", "model/"], [Link.softmax, .sigmoid])
    func `coefficients of several classes are a dense head`(
        _ prefix: String, _ link: Link
    ) throws {
        let file = Self.file(rows: 4, prefix: prefix)
        let logits = try file.affine(prefix + "coef_", prefix + "intercept_", Self.x)
        let right =
            link == .softmax ? ReferenceHead.softmax(logits) : ReferenceHead.sigmoid(logits)
        expectClose(try file.probabilities(.dense(link), Self.x.map { Float($0) }), right)
    }

    /// One-vs-rest and multinomial models have the same arrays.
    @Test func `their link must be told`() throws {
        let report = try Self.file(rows: 4).report(.dense(nil))
        #expect(report.missingKeys == ["link"] && report.origin == "scikit-learn")
        #expect(try Self.file(rows: 4).report(ModelManifest()).missingKeys == ["head"])
    }

    @Test func `coefficients of two classes are one label`() throws {
        let file = Self.file(rows: 1, classes: [3, 8])
        #expect(try file.report(.dense(nil)).missingKeys.isEmpty)
        let head = try file.head(.dense(nil))
        #expect(head.summary.link == .sigmoid && head.summary.classCount == 1)
        let logits = try file.affine("coef_", "intercept_", Self.x)
        expectClose(
            try file.probabilities(.dense(nil), Self.x.map { Float($0) }),
            ReferenceHead.sigmoid(logits))
        #expect(try Self.labels(file) == ["8"])
        #expect(
            try file.refusal(.dense(.softmax)) != nil, "softmax over one class is always certain")
    }

    static func labels(_ file: ArrayFile) throws -> [String]? {
        try HeadRecognition(manifest: .dense(), checkpoint: try file.checkpoint())
            .labels(besides: nil)
    }

    @Test func `classes are labels`() throws {
        let file = Self.file(rows: 4, classes: [0, 2, 5, 9])
        #expect(try Self.labels(file) == ["0", "2", "5", "9"])
        let settings = try file.report(.dense()).settings
        let labels = settings.filter { $0.key == "labels" }
        #expect(labels.map(\.value) == ["classes_"] && labels[0].source == .checkpoint)
        #expect(try Self.labels(Self.file(rows: 4)) == nil)
    }

    private static func file(rows: Int, texts: [String]) -> ArrayFile {
        var file = file(rows: rows)
        file["classes_"] = .init(
            name: "classes_", shape: [texts.count], values: [], texts: texts)
        return file
    }

    @Test func `texts of classes are labels`() throws {
        #expect(try Self.labels(Self.file(rows: 2, texts: ["né 🙂", "b"])) == ["né 🙂", "b"])
        #expect(try Self.labels(Self.file(rows: 1, texts: ["no", "yes"])) == ["yes"])
    }

    /// As those of a file of labels would be.
    @Test(arguments: [["a", "b\nc"], ["a", "b\u{7}"], ["", "b"], ["a", ""], ["\n", "c"]])
    func `texts that are no labels are refused`(_ texts: [String]) throws {
        #expect(throws: ModelError.self) { try Self.labels(Self.file(rows: 2, texts: texts)) }
    }

    /// Without them labels would silently be indices.
    @Test func `classes of a type that is not read are refused unless labels are told`() throws {
        var file = Self.file(rows: 4)
        file["classes_"] = .init(
            name: "classes_", shape: [4], values: [Float](repeating: 0, count: 8), areComplex: true)
        let text = try #require(try file.refusal(.dense()))
        #expect(
            text.contains("model.json must say 'labels': the labels in 'classes_' are complex64")
                && text.hasSuffix("classes_.astype(str)"))
        #expect(throws: ModelError.self) { try Self.labels(file) }
        #expect(try file.refusal(.dense { $0.labels = "labels.txt" }) == nil)
    }

    @Test func `truth values are named as NumPy prints them`() throws {
        for rows in [1, 2] {
            var file = Self.file(rows: rows)
            file["classes_"] = .init(
                name: "classes_", shape: [2], values: [0, 1], areTruthValues: true)
            #expect(try Self.labels(file) == (rows == 1 ? ["True"] : ["False", "True"]))
        }
    }

    /// The number of labels is right; the text at fault is named.
    @Test func `a text of two lines is named as such`() throws {
        #expect {
            try Self.labels(Self.file(rows: 2, texts: ["a", "b\nc"]))
        } throws: {
            "\($0)".hasSuffix("classes_, line 2: a line break in a label")
        }
    }

    // MARK: Named arrays

    /// They are the same arrays when `tensors` names them.
    @Test func `coefficients that are named keep their classes and their link`() throws {
        var names = TensorNames()
        (names.weight, names.bias) = ("coef_", "intercept_")
        let binary = Self.file(rows: 1, classes: [3, 8])
        let manifest = ModelManifest.dense(nil) { $0.tensors = names }
        #expect(try binary.report(manifest).missingKeys.isEmpty)
        #expect(try binary.head(manifest).summary.link == .sigmoid)
        let several = try Self.file(rows: 2, texts: ["no", "yes"]).checkpoint()
        let named = HeadRecognition(
            manifest: .dense { $0.tensors = names }, checkpoint: several)
        #expect(try named.labels(besides: nil) == ["no", "yes"])
    }

    @Test func `softmax over one row of coefficients is refused as a binary head`() throws {
        let text = try #require(try Self.file(rows: 1).refusal(.dense(.softmax)))
        #expect(text.contains("'coef_' has one row, the log-odds of the second of two classes"))
        #expect(text.contains("say \"link\": \"sigmoid\""))
    }

    @Test(arguments: [(4, 3), (4, 5), (1, 1), (1, 3)])
    func `another number of classes is refused`(_ rows: Int, _ classes: Int) throws {
        let file = Self.file(rows: rows, classes: (0..<classes).map { Float($0) })
        #expect(throws: ModelError.self) {
            try HeadRecognition(
                manifest: .dense(nil) { $0.link = nil }, checkpoint: try file.checkpoint()
            )
            .labels(besides: nil)
        }
    }

    @Test func `one intercept stands for all, and none for zeros`() throws {
        var file = Self.file(rows: 4)
        file["intercept_"] = .init(name: "intercept_", shape: [], values: [0.5])
        let logits = try file.affine("coef_", nil, Self.x)
        let x = Self.x.map { Float($0) }
        expectClose(
            try file.probabilities(.dense(.sigmoid), x),
            ReferenceHead.sigmoid(logits.map { $0 + 0.5 }))
        file["intercept_"] = nil
        expectClose(try file.probabilities(.dense(.sigmoid), x), ReferenceHead.sigmoid(logits))
    }

    @Test(arguments: [[3], [4, 1], [1]])
    func `intercepts of another shape are refused`(_ shape: [Int]) throws {
        var file = Self.file(rows: 4)
        var random = SeededRandom(seed: 1)
        file.add("intercept_", shape, &random)
        #expect(
            try #require(try file.refusal(.dense()))
                .contains("'intercept_' has shape \(shape), expected [4]"))
    }

    @Test func `the arrays of a scaler are what instances must have passed through`() throws {
        var file = Self.file(rows: 4)
        var random = SeededRandom(seed: 1)
        for name in ["mean_", "scale_"] { file.add(name, [5], &random) }
        #expect(try file.report(.dense()).passedThrough.map(\.name) == ["mean_", "scale_"])
    }

    @Test func `two models are chosen by prefix`() throws {
        var file = Self.file(rows: 4, prefix: "first.")
        file.arrays += Self.file(rows: 3, prefix: "second.").arrays
        let text = try #require(try file.refusal(.dense()))
        #expect(text.hasSuffix("there are heads at 'first.coef_' [4, 5], 'second.coef_' [3, 5]"))
        #expect(try file.head(.dense { $0.prefix = "second" }).summary.classCount == 3)
    }
}
