import Fixtures
import Foundation
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Calibrations of models: found, refused, applied, and written into converted files.
@Suite struct CalibrationLoadingTests {
    static let mhs = Fixtures.demoModel("digits-mhs")

    @Test func `the calibration in a folder is loaded with the model`() throws {
        let folder = try CalibrationFolder(of: Self.mhs)
        #expect(try Model.load(path: folder.path).calibration == nil)
        let calibration = try folder.calibration()
        try folder.write(calibration)
        #expect(try Model.load(path: folder.path).calibration == calibration)
        #expect(try Model.load(path: folder.path, calibration: .none).calibration == nil)
        #expect(try ModelInspection(path: folder.path).calibration?.get() == calibration)
    }

    // MARK: Calibrations of other models

    @Test func `what differs is named`() throws {
        let folder = try CalibrationFolder(of: Self.mhs)
        var calibration = try folder.calibration()
        let way = "; run headserve calibrate again, or use the model that it is of"
        let start = "my-head/calibration.json: it is a calibration of another "
        try folder.write(calibration)
        try folder.edit("model.json") { $0 + "\n" }
        #expect(folder.refusal() == start + "model.json" + way)
        #expect(throws: ModelError.self) {
            try ModelInspection(path: folder.path).calibration?.get()
        }
        let zeros = String(repeating: "0", count: 64)
        calibration.origin?.checkpoint = zeros
        try folder.write(calibration)
        #expect(folder.refusal() == start + "checkpoint and model.json" + way)
        calibration.origin?.manifest = try folder.calibration().origin?.manifest
        try folder.write(calibration)
        #expect(folder.refusal() == start + "checkpoint" + way)
        #expect(folder.refusal(.none) == nil)
    }

    @Test func `a file that is no calibration is refused`() throws {
        let folder = try CalibrationFolder(of: Self.mhs)
        try folder.write(try folder.calibration())
        try folder.edit("calibration.json") { $0.replacing("\"rows\": 4", with: "\"rows\": 5") }
        #expect(
            folder.refusal()
                == "my-head/calibration.json: 'scores' must be a list of 5 numbers, as 'rows' "
                + "says, not of 4")
    }

    /// Only nothing of that name is no calibration.
    @Test func `a link that leads nowhere is refused`() throws {
        let folder = try CalibrationFolder(of: Self.mhs)
        #expect(folder.refusal() == nil)
        try FileManager.default.createSymbolicLink(
            atPath: folder.calibrationPath, withDestinationPath: "elsewhere.json")
        let start = "my-head/calibration.json: cannot open the file"
        #expect(folder.refusal()?.hasPrefix(start) == true)
        #expect(folder.refusal(.none) == nil)
        try CalibrationFile.write(try folder.calibration(), to: folder.path + "/elsewhere.json")
        #expect(folder.refusal() == nil)
    }

    // MARK: Calibrations elsewhere

    @Test func `a lone file has the calibration that is named`() throws {
        let folder = try CalibrationFolder(of: Fixtures.folder("mhe/mhs"))
        let target = folder.path + "/lone.safetensors"
        _ = try ModelConversion(path: folder.path, to: target).write(
            weights: nil, engine: .threads(1))
        var calibration = CalibrationFolder.made(.aps)
        calibration.origin = try Model.load(path: target).digests
        #expect(calibration.origin?.manifest == nil)
        let file = folder.path + "/elsewhere.json"
        try CalibrationFile.write(calibration, to: file)
        #expect(try Model.load(path: target, calibration: .file(file)).calibration == calibration)
        #expect(try Model.load(path: target).calibration == nil)
        #expect(throws: ModelError.self) {
            try Model.load(path: folder.path, calibration: .file(file))
        }
    }

    @Test func `a second calibration is refused`() throws {
        let folder = try CalibrationFolder(of: Self.mhs)
        let calibration = try folder.calibration()
        let file = folder.path + "/elsewhere.json"
        try CalibrationFile.write(calibration, to: file)
        #expect(folder.refusal(.file(file)) == nil)
        try folder.write(calibration)
        #expect(
            folder.refusal(.file(file))
                == "my-head/elsewhere.json: there is my-head/calibration.json beside it, and a "
                + "model has one calibration; take one of them away")
        #expect(folder.refusal(.file(folder.calibrationPath)) == nil)
    }

    // MARK: Heads

    @Test func `a head without one distribution has no calibration`() throws {
        let folder = try CalibrationFolder(of: Fixtures.folder("het/het-sigmoid-full"))
        try folder.write(try folder.calibration())
        #expect(
            folder.refusal()
                == "my-head/calibration.json: a calibration needs one distribution over all "
                + "labels, which this 'het' head with 'sigmoid' does not give; take it away")
        #expect(throws: ModelError.self) {
            try ModelInspection(path: folder.path).calibration?.get()
        }
    }

    @Test func `a temperature is of dense and MHS heads`() throws {
        let folder = try CalibrationFolder(of: Fixtures.demoModel("digits-mhp"))
        try folder.write(try folder.calibration())
        #expect(folder.refusal() == nil)
        try folder.write(try folder.calibration(temperature: 2))
        #expect(folder.refusal()?.contains("'temperature' has no effect on a 'mhp' head") == true)
    }

    /// Probabilities of rounded weights are others, and so are the scores.
    @Test func `a calibration is of weights of one format`() throws {
        let folder = try CalibrationFolder(of: Self.mhs)
        var calibration = try folder.calibration()
        calibration.weights = .int8
        try folder.write(calibration)
        #expect(
            folder.refusal()
                == "my-head/calibration.json: it is a calibration with --weights int8, and these "
                + "are float32; give --weights int8, or run headserve calibrate again")
        #expect(try Model.load(path: folder.path, weights: .int8).calibration == calibration)
        let target = folder.path + "/new.safetensors"
        let report = try ModelConversion(path: folder.path, to: target).write(
            weights: nil, engine: .threads(1))
        #expect(report.largestDifference == 0)
        calibration.origin = nil
        #expect(try Model.load(path: target, weights: .int8).calibration == calibration)
    }

    /// The same logits over the same number: one product less or more, of 2⁻²⁴ each.
    @Test func `a fitted temperature is a factor of that of the model`() throws {
        let folder = try CalibrationFolder(of: Self.mhs)
        try folder.edit("model.json") { $0.replacing("{", with: #"{"temperature": 1.5, "#) }
        try folder.write(try folder.calibration(temperature: 2))
        let other = try CalibrationFolder(of: Self.mhs)
        try other.edit("model.json") { $0.replacing("{", with: #"{"temperature": 3, "#) }
        let fitted = try probabilities(folder.path)
        let told = try probabilities(other.path)
        #expect(fitted == told)
        #expect(fitted != (try probabilities(Self.mhs)))
    }

    private func probabilities(_ path: String) throws -> [Float]? {
        let model = try Model.load(path: path)
        let width = model.head.summary.inputCount
        let batch = FeatureBatch(
            features: (0..<width).map { Float($0 % 7) / 7 },
            options: [RowOptions(topK: 0, sampleCount: 1, seed: 0, wantsProbabilities: true)])
        return try model.head.answers(
            to: batch, ComputeContext(engine: .threads(1)) { _ in true }, modelName: "m")[0]
            .probabilities
    }

    // MARK: Conversion

    @Test(arguments: [nil, 1.75] as [Double?])
    func `a converted model has its calibration`(_ temperature: Double?) throws {
        let folder = try CalibrationFolder(of: Self.mhs)
        var calibration = try folder.calibration(temperature: temperature)
        try folder.write(calibration)
        let target = folder.path + "/new.safetensors"
        let report = try ModelConversion(path: folder.path, to: target).write(
            weights: nil, engine: .threads(1))
        #expect(report.largestDifference == 0)
        calibration.origin = nil
        #expect(try Model.load(path: target).calibration == calibration)
        #expect(try probabilities(target) == probabilities(folder.path))
        #expect(try ModelInspection(path: target).calibration?.get() == calibration)
        // Again, to the same bytes.
        _ = try ModelConversion(path: target, to: target + ".twice").write(
            weights: nil, engine: .threads(1))
        #expect(
            try Data(contentsOf: URL(filePath: target + ".twice"))
                == Data(contentsOf: URL(filePath: target)))
    }

    @Test func `rounded weights take no calibration with them`() throws {
        let folder = try CalibrationFolder(of: Self.mhs)
        try folder.write(try folder.calibration())
        let target = folder.path + "/new.safetensors"
        #expect {
            _ = try ModelConversion(path: folder.path, to: target).write(
                weights: .int8, engine: .threads(1))
        } throws: {
            "\($0)".contains("leave it out with --without-calibration")
        }
        _ = try ModelConversion(path: folder.path, to: target, calibration: .none).write(
            weights: .int8, engine: .threads(1))
        #expect(try Model.load(path: target).calibration == nil)
    }

    @Test func `a calibration is never converted over`() throws {
        let folder = try CalibrationFolder(of: Self.mhs)
        #expect(throws: ModelError.self) {
            _ = try ModelConversion(
                path: folder.path, to: folder.calibrationPath, overwrites: true)
        }
    }

    /// The checkpoint in a folder, whose model.json says something else than its own description.
    @Test func `a calibration in a checkpoint is of the description there`() throws {
        let folder = try CalibrationFolder(of: Self.mhs)
        try folder.write(try folder.calibration())
        _ = try ModelConversion(path: folder.path, to: folder.path + "/new.safetensors").write(
            weights: nil, engine: .threads(1))
        try FileManager.default.removeItem(atPath: folder.calibrationPath)
        let same = #"{"checkpoint": "new.safetensors", "version": "9"}"#
        try folder.edit("model.json") { _ in same }
        #expect(try Model.load(path: folder.path).calibration != nil)
        try folder.edit("model.json") { _ in same.dropLast() + #", "temperature": 2}"# }
        #expect(
            folder.refusal()
                == "my-head/new.safetensors: headserve.calibration: model.json says something "
                + "else than the checkpoint does, whose calibration therefore is of another model; "
                + "run headserve calibrate again")
    }
}
