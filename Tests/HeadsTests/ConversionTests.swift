import Checkpoints
import Fixtures
import Foundation
import Predictions
import Testing

@testable import Heads

/// Models written as one safetensors file and read back.
@Suite struct ConversionTests {
    static let models =
        [
            "het-sigmoid-full", "het-softmax-efficient", "hetxl-pytorch-url",
            "hetxl-sigmoid-efficient", "hetxl-softmax-bfloat16", "hetxl-softmax-diagonal",
            "hetxl-softmax-efficient", "hetxl-softmax-full", "hetxl-softmax-independent",
            "hetxl-softmax-wide",
        ].map { Fixtures.folder("het/" + $0) }
        + [
            "arcface-mhs", "mhc-2heads", "mhc-2heads-module", "mhc-3heads", "mhc-xmc",
            "mhc-xmc-padded", "mhp-2heads-module", "mhp-3heads", "mhp-dataparallel", "mhp-legacy",
            "mhp-legacy-module", "mhs", "mhs-bfloat16",
        ].map { Fixtures.folder("mhe/" + $0) }
        + ["digits-hetxl", "digits-mhc", "digits-mhp", "digits-mhs"].map(Fixtures.demoModel)

    private func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "headserve-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.appending(path: "m.safetensors").path)
    }

    /// Every number of the answers to some rows, whatever the head gives.
    private func answers(_ head: any Head) -> [RowOutcome] {
        let width = head.summary.inputCount
        let rows = (0..<3).flatMap { row in (0..<width).map { Float(sin(Double(row + $0))) } }
        let options = RowOptions(
            topK: 7, sampleCount: 20, seed: 3,
            wantsProbabilities: head.summary.output != .scores)
        let batch = FeatureBatch(
            features: rows, options: [RowOptions](repeating: options, count: 3))
        let engine = ComputeEngine.threads(1)
        return head.predict(batch, ComputeContext(engine: engine) { _ in true })
    }

    private func convert(
        _ path: String, to target: String, _ weights: StoredWeights? = nil
    ) throws -> ModelConversion.Report {
        try ModelConversion(path: path, to: target).write(
            weights: weights, engine: ComputeEngine.threads(1))
    }

    @Test(arguments: models)
    func `a converted model gives the same answers to the bit`(path: String) throws {
        try withFile { target in
            let report = try convert(path, to: target)
            #expect(report.largestDifference == 0)
            let before = try Model.load(path: path)
            let after = try Model.load(path: target)
            #expect(answers(after.head) == answers(before.head))
            #expect(after.labels == before.labels && after.version == before.version)
            #expect(after.head.summary.kind == before.head.summary.kind)
            #expect(after.head.summary.defaultSampleCount == before.head.summary.defaultSampleCount)
            #expect(after.head.summary.output == before.head.summary.output)
        }
    }

    /// Only what the head reads is written: no optimiser, no backbone.
    @Test func `the file holds the head alone`() throws {
        try withFile { target in
            let report = try convert(Fixtures.folder("het/hetxl-softmax-full"), to: target)
            let names = try Checkpoint.open(target).tensors.map(\.name)
            #expect(names.count == report.tensorCount)
            #expect(names.allSatisfy { $0.hasPrefix("opt/target/multiclass_head/") })
            let size = try FileManager.default.attributesOfItem(atPath: target)[.size] as? Int
            #expect(size == report.byteCount)
        }
    }

    @Test(arguments: models)
    func `a converted model converts to the same bytes`(path: String) throws {
        try withFile { target in
            _ = try convert(path, to: target)
            let twice = target + ".twice"
            _ = try convert(target, to: twice)
            #expect(
                try Data(contentsOf: URL(filePath: twice))
                    == Data(contentsOf: URL(filePath: target)))
        }
    }

    /// A bfloat16 keeps 8 bits, so a weight errs by at most 2⁻⁹ of itself, and an int8 by half a
    /// step, 1/254 of its output's largest weight. The fixtures' logits are below 2⁴ and their
    /// rounding errors, which mostly cancel, below a tenth of the size of a logit's terms.
    @Test(arguments: models, [StoredWeights.bfloat16, .int8])
    func `narrow weights are near`(path: String, weights: StoredWeights) throws {
        try withFile { target in
            let report = try convert(path, to: target, weights)
            #expect(report.largestDifference < 0.1)
            let tensors = try Checkpoint.open(target).tensors
            let type: ElementType = weights == .int8 ? .int8 : .bfloat16
            #expect(tensors.contains { $0.elementType == type })
            let scaleCount = tensors.count { $0.name.hasSuffix(WeightScales.nameSuffix) }
            #expect(
                scaleCount == (weights == .int8 ? tensors.count { $0.elementType == .int8 } : 0))
            // Back to float32: the same weights in another type. A gathered int8 row is scaled
            // after its sum instead of before, which moves a rounding of 2⁻²⁴ of logits below 2⁴.
            let back = try convert(target, to: target + ".back", .float32)
            #expect(back.largestDifference <= (weights == .int8 ? 0x1p-20 : 0))
        }
    }

    /// Rounding to the nearest bfloat16, ties to even, held against the definition in Double.
    @Test func `bfloat16 is rounded to the nearest`() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<20_000 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            guard value.isFinite, abs(value) < 3e38 else { continue }
            let low = value.bitPattern >> 16
            let candidates = [low, low + 1].map { Float(bitPattern: $0 << 16) }
            let found = Float(bitPattern: UInt32(WeightEncoder.bfloat16(value)) << 16)
            let errors = candidates.map { abs(Double($0) - Double(value)) }
            let best = errors[0] == errors[1] ? Int(low & 1) : (errors[0] < errors[1] ? 0 : 1)
            #expect(found == candidates[best])
        }
    }

    /// A checkpoint may come from anywhere: it may not make the server read other files.
    @Test(arguments: ["labels", "checkpoint"])
    func `a file that names other files is refused`(key: String) throws {
        try withFile { target in
            let text = #"{"head": "dense", "link": "softmax", "\#(key)": "/etc/passwd"}"#
            var writer = try SafetensorsWriter(
                path: target,
                tensors: [TensorDescription(name: "weight", elementType: .float32, shape: [2, 2])],
                metadata: [EmbeddedModel.manifestName: text])
            try writer.append([UInt8](repeating: 0, count: 16).span, to: "weight")
            try writer.finish()
            #expect {
                _ = try Model.load(path: target)
            } throws: {
                guard case .manifestSyntax(_, let reason) = $0 as? ModelError else { return false }
                return reason == "a checkpoint may not name other files"
            }
        }
    }

    /// A folder's `model.json` takes precedence over the metadata of the file.
    @Test func `the folder's manifest wins`() throws {
        try withFile { target in
            _ = try convert(Fixtures.folder("het/hetxl-softmax-full"), to: target)
            let folder = URL(filePath: target).deletingLastPathComponent()
            let manifest =
                #"{"checkpoint": "m.safetensors", "samples": 7, "temperature_bounds": [1, 2]}"#
            try Data(manifest.utf8).write(to: folder.appending(path: "model.json"))
            let model = try Model.load(path: folder.path)
            #expect(model.head.summary.defaultSampleCount == 7)
            let before = try Model.load(path: target)
            #expect(before.head.summary.defaultSampleCount == 1000)
            #expect(answers(model.head) != answers(before.head))
        }
    }

    @Test func `labels travel with the model`() throws {
        try withFile { target in
            _ = try convert(Fixtures.demoModel("digits-mhs"), to: target)
            #expect(try Model.load(path: target).labels == (0..<10).map(String.init))
        }
    }

    @Test func `a folder that does not exist is named`() throws {
        let target = "/nowhere/m.safetensors"
        #expect {
            _ = try convert(Fixtures.demoModel("digits-mhs"), to: target)
        } throws: {
            guard case .cannotWrite(let error) = $0 as? ModelError else { return false }
            return "\(error)".contains(target)
        }
    }

    private func writeDense(
        _ target: String, _ type: ElementType, _ weights: [UInt8], scales: [Float]? = nil
    ) throws {
        var tensors = [TensorDescription(name: "weight", elementType: type, shape: [2, 1])]
        if scales != nil {
            tensors.append(
                TensorDescription(
                    name: "weight.int8_scale", elementType: .float32, shape: [2, 1]))
        }
        var writer = try SafetensorsWriter(
            path: target, tensors: tensors,
            metadata: [EmbeddedModel.manifestName: #"{"head": "dense", "link": "softmax"}"#])
        for tensor in writer.tensors {
            let bytes = tensor.name == "weight" ? weights : Self.bytes(scales ?? [])
            try writer.append(bytes.span, to: tensor.name)
        }
        try writer.finish()
    }

    private static func bytes(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
    }

    /// The largest float is nearer to what would be the next bfloat16 than to the last one.
    @Test func `weights too large for bfloat16 are named and nothing is written`() throws {
        try withFile { target in
            let large = target + ".large"
            for (value, isWritten) in [(Float.greatestFiniteMagnitude, false), (0x1.FEp100, true)] {
                try writeDense(large, .float32, Self.bytes([value, 1]))
                let report = try? convert(large, to: target, .bfloat16)
                #expect((report != nil) == isWritten)
                #expect(FileManager.default.fileExists(atPath: target) == isWritten)
            }
        }
    }

    @Test(arguments: [
        (Float(0), true), (1, true), (.greatestFiniteMagnitude / 128, true),
        (.greatestFiniteMagnitude / 127, false), (-1, false), (.nan, false),
    ])
    func `scales are in their range`(scale: Float, isRead: Bool) throws {
        try withFile { target in
            try writeDense(target, .int8, [127, 1], scales: [scale, 1])
            #expect(((try? Model.load(path: target)) != nil) == isRead)
        }
    }

    /// A pipe would be waited for, and a device read, for ever.
    @Test func `the manifest is a regular file`() throws {
        try withFile { target in
            let folder = URL(filePath: target).deletingLastPathComponent().path
            #expect(unsafe mkfifo(folder + "/model.json", 0o600) == 0)
            #expect {
                _ = try Model.load(path: folder)
            } throws: {
                "\($0)" == folder + "/model.json: not a regular file"
            }
        }
    }
}
