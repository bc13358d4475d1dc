import Fixtures
import Foundation
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Golden outputs beside a calibration with a temperature: they are those of the head without it.
@Suite struct FittedTemperatureTests {
    private static let rowCount = 3

    private static func features(_ width: Int) -> [Float] {
        (0..<rowCount * width).map { Float($0 % 7) / 7 }
    }

    private func probabilities(_ head: any Head) throws -> [Float] {
        let options = RowOptions(topK: 0, sampleCount: 1, seed: 0, wantsProbabilities: true)
        let batch = FeatureBatch(
            features: Self.features(head.summary.inputCount),
            options: [RowOptions](repeating: options, count: Self.rowCount))
        let answers = try head.answers(
            to: batch, ComputeContext(kernel: .threads(1)), modelName: "m")
        return answers.flatMap { $0.probabilities ?? [] }
    }

    /// Writes the answers of `head` as those of the author.
    private func write(_ head: any Head, into folder: String) throws {
        let summary = head.summary
        var file = ArrayFile()
        file["features"] = .init(
            name: "features", shape: [Self.rowCount, summary.inputCount],
            values: Self.features(summary.inputCount))
        file["probabilities"] = .init(
            name: "probabilities", shape: [Self.rowCount, summary.classCount],
            values: try probabilities(head))
        try Data(file.archive).write(to: URL(filePath: folder + "/" + GoldenOutputs.fileName))
    }

    /// The same kernel gives the same row the same bytes, so nothing differs.
    @Test(arguments: ["{", #"{"normalize": "l2", "temperature": 1.5, "#], [nil, 2] as [Double?])
    func `the author's answers have no fitted temperature`(
        _ start: String, temperature: Double?
    ) throws {
        let folder = try CalibrationFolder(of: CalibrationLoadingTests.mhs)
        try folder.edit("model.json") { $0.replacing("{", with: start) }
        let plain = try Model.load(path: folder.path)
        try write(plain.head, into: folder.path)
        try folder.write(try folder.calibration(temperature: temperature))
        let model = try Model.load(path: folder.path)
        #expect((model.unfittedHead == nil) == (temperature == nil))
        let report = try SelfCheck(model, engine: .threads(1)).run()
        #expect(report.golden?.rowCount == Self.rowCount)
        #expect(report.golden?.maxDifference == 0)
        let isServedAsPlain = try probabilities(model.head) == probabilities(plain.head)
        #expect(isServedAsPlain == (temperature == nil))
    }

    @Test func `answers with the fitted temperature are not the author's`() throws {
        let folder = try CalibrationFolder(of: CalibrationLoadingTests.mhs)
        try folder.write(try folder.calibration(temperature: 2))
        try write(try Model.load(path: folder.path).head, into: folder.path)
        let model = try Model.load(path: folder.path)
        #expect {
            _ = try SelfCheck(model, engine: .threads(1)).run()
        } throws: {
            guard case .goldenDiffers = $0 as? ModelError else { return false }
            return true
        }
    }
}
