import Fixtures
import Foundation
import LogitKernels
import Predictions
import Testing

@testable import Heads

/// Calibrations of models on rows in files, against all probabilities of all rows.
@Suite struct CalibrationRunTests {
    /// The rows of a demo model that no training has seen, in files.
    private final class Files {
        let folder: String
        let labels: [Int]
        let features: [Float]

        init(_ model: String) throws {
            let truth = try Truth("models/" + model)
            let (labels, features) = (try truth.integers("labels"), try truth.floats("features"))
            folder = NSTemporaryDirectory() + "headserve-\(UUID().uuidString)"
            self.labels = labels
            self.features = features
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            try CalibrationArray.write(
                features, [labels.count, 64], to: folder + "/x.npy")
            try CalibrationArray.write(labels, [labels.count], to: folder + "/y.npy")
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        func rows(of model: Model) throws -> LabelledRows {
            try LabelledRows(features: folder + "/x.npy", labels: folder + "/y.npy", of: model)
        }
    }

    private static let date = "2026-12-01T09:30:00Z"

    private static func probabilities(
        _ head: any Head, _ features: [Float], count: Int, samples: Int = 1
    ) throws -> [[Float]] {
        let options = RowOptions(
            topK: 0, sampleCount: samples, seed: 0, wantsProbabilities: true)
        return try head.answers(
            to: FeatureBatch(
                features: features, options: [RowOptions](repeating: options, count: count)),
            ComputeContext(kernel: .threads(2)), modelName: "m"
        ).map { try #require($0.probabilities) }
    }

    @Test(arguments: ["digits-mhs", "digits-mhp", "digits-mhc", "digits-hetxl"])
    func `scores, figures and sizes are those of all probabilities`(_ name: String) throws {
        let path = Fixtures.demoModel(name)
        let model = try Model.load(path: path, calibration: .none)
        let files = try Files(name)
        var run = try CalibrationRun(path: path, model: model, engine: .threads(2))
        run.sampleCount = 64
        let report = try run.run(try files.rows(of: model), date: Self.date)
        let all = try Self.probabilities(
            model.head, files.features, count: files.labels.count, samples: 64)
        let own = zip(all, files.labels).map { Double($0[$1]) }
        let scores = own.map { 1 - $0 }.sorted()
        // A product of digits' probabilities is a double that the list has rounded, by 2⁻²⁵.
        for (found, expected) in zip(report.calibration.scores, scores) {
            #expect(abs(found - expected) <= (name == "digits-mhp" ? 0x1p-24 : 0))
        }
        let calibration = report.calibration
        #expect(calibration.rowCount == files.labels.count)
        #expect(calibration.date == Self.date && calibration.method == .lac)
        #expect(calibration.origin == model.digests && calibration.temperature == nil)
        #expect(calibration.samples == (name == "digits-hetxl" ? 64 : 0))
        #expect(calibration.estimator == (name == "digits-hetxl" ? .quasiMonteCarlo : .exact))
        let hits = zip(all, files.labels).count { row, label in row.max() == row[label] }
        #expect(report.before.accuracy == Double(hits) / Double(all.count))
        let surprise = own.reduce(0) { $0 - log($1) } / Double(own.count)
        #expect(abs(report.before.negativeLogLikelihood - surprise) < 1e-6)
        #expect(report.after == nil && report.sizes.map(\.coverage) == [0.8, 0.9, 0.95])
        for sizes in report.sizes {
            // The same roundings are in what is compared with the threshold.
            let threshold = try #require(sizes.threshold) + (name == "digits-mhp" ? 0x1p-24 : 0)
            let expected = all.map { row in
                max(1, row.count { 1 - Double($0) <= threshold })
            }
            #expect(sizes.sizes == expected.sorted())
        }
    }

    @Test func `a fitted temperature makes the labels most likely`() throws {
        let path = Fixtures.demoModel("digits-mhs")
        let model = try Model.load(path: path, calibration: .none)
        let files = try Files("digits-mhs")
        var run = try CalibrationRun(path: path, model: model, engine: .threads(2))
        run.fitsTemperature = true
        let report = try run.run(try files.rows(of: model), date: Self.date)
        let temperature = try #require(report.calibration.temperature)
        let after = try #require(report.after)
        let logits = try Self.probabilities(
            model.head, files.features, count: files.labels.count
        ).map { $0.map { log(Double($0)) } }
        func surprise(_ temperature: Double) -> Double {
            zip(logits, files.labels).reduce(0) { sum, row in
                let scaled = row.0.map { $0 / temperature }
                return sum + log(scaled.reduce(0) { $0 + exp($1) }) - scaled[row.1]
            } / Double(logits.count)
        }
        // Logits of float32 probabilities err by 2⁻²⁴ of 1, more where p is subnormal.
        #expect(abs(after.negativeLogLikelihood - surprise(temperature)) < 1e-5)
        #expect(after.negativeLogLikelihood <= report.before.negativeLogLikelihood)
        for factor in [1.02, 1 / 1.02] {
            #expect(surprise(temperature * factor) > surprise(temperature))
        }
        #expect(after.accuracy == report.before.accuracy)
        #expect(report.calibration.scores.count == files.labels.count)
    }

    @Test func `a model is served by the calibration of its run`() throws {
        let folder = try CalibrationFolder(of: Fixtures.demoModel("digits-mhs"))
        let model = try Model.load(path: folder.path, calibration: .none)
        let files = try Files("digits-mhs")
        for method in PredictionSetRule.Method.allCases {
            var run = try CalibrationRun(path: folder.path, model: model, engine: .threads(2))
            run.method = method
            run.fitsTemperature = method == .aps
            let report = try run.run(try files.rows(of: model), date: Self.date)
            try CalibrationTarget(model: folder.path, output: nil).write(report.calibration)
            let served = try #require(try Model.load(path: folder.path).calibration)
            #expect(served == report.calibration)
        }
    }

    // MARK: Refusals

    private static func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test func `heads without one distribution are refused`() throws {
        let path = Fixtures.folder("het/het-sigmoid-full")
        let model = try Model.load(path: path)
        #expect(
            Self.refusal {
                _ = try CalibrationRun(path: path, model: model, engine: .threads(1))
            }.contains("a 'het' head with 'sigmoid' has no calibration"))
    }

    private static func refusalOfFit(
        _ path: String, _ model: Model, _ files: Files
    ) throws -> String {
        let rows = try files.rows(of: model)
        var run = try CalibrationRun(path: path, model: model, engine: .threads(1))
        run.fitsTemperature = true
        return refusal { _ = try run.run(rows, date: date) }
    }

    @Test func `a temperature without effect is refused`() throws {
        let path = Fixtures.demoModel("digits-mhp")
        let model = try Model.load(path: path)
        let files = try Files("digits-mhp")
        #expect(
            try Self.refusalOfFit(path, model, files)
                .contains("a temperature has no effect on a 'mhp' head; leave --fit-temperature"))
    }

    @Test func `rows that are all predicted right fit no temperature`() throws {
        let path = Fixtures.demoModel("digits-mhs")
        let model = try Model.load(path: path)
        let files = try Files("digits-mhs")
        let best = try Self.probabilities(
            model.head, files.features, count: files.labels.count
        ).map { row in row.firstIndex(of: row.max() ?? 0) ?? 0 }
        try CalibrationArray.write(best, [best.count], to: files.folder + "/y.npy")
        #expect(
            try Self.refusalOfFit(path, model, files)
                .contains("they are all, or nearly all, predicted right"))
    }

    @Test func `a place that could not be written is refused`() throws {
        let folder = try CalibrationFolder(of: Fixtures.demoModel("digits-mhs"))
        let checkpoint = folder.path + "/checkpoint.pth"
        #expect(
            Self.refusal { _ = try CalibrationTarget(model: checkpoint, output: nil) }
                .contains("name one with --output"))
        for file in ["model.json", "checkpoint.pth"] {
            #expect(
                Self.refusal {
                    _ = try CalibrationTarget(
                        model: folder.path, output: folder.path + "/" + file)
                }.contains("a file of another kind is there already"))
        }
        #expect(
            Self.refusal {
                _ = try CalibrationTarget(model: folder.path, output: folder.path + "/no/c.json")
            }.contains("no file can be written into its folder"))
        try folder.write(try folder.calibration())
        #expect(
            try CalibrationTarget(model: folder.path, output: nil).path == folder.calibrationPath)
    }

    @Test func `a damaged calibration of the model is replaced, and none elsewhere`() throws {
        let folder = try CalibrationFolder(of: Fixtures.demoModel("digits-mhs"))
        let files = FileManager.default
        for path in [folder.calibrationPath, folder.path + "/other.json"] {
            #expect(files.createFile(atPath: path, contents: Data("{}".utf8)))
        }
        let (model, own) = (folder.path, folder.calibrationPath)
        _ = try CalibrationTarget(model: model, output: nil)
        _ = try CalibrationTarget(model: model, output: model + "//./calibration.json")
        #expect(
            Self.refusal {
                _ = try CalibrationTarget(model: model, output: model + "/other.json")
            }.contains("a file of another kind is there already"))
        try files.removeItem(atPath: own)
        try files.createDirectory(atPath: own, withIntermediateDirectories: false)
        #expect(
            Self.refusal { _ = try CalibrationTarget(model: model, output: nil) }
                .contains("a file of another kind is there already"))
    }

    @Test func `a plot has a place of its own`() throws {
        let folder = try CalibrationFolder(of: Fixtures.demoModel("digits-mhs"))
        let model = folder.path
        try FileManager.default.createSymbolicLink(
            atPath: model + "/link", withDestinationPath: ".")
        let target = try CalibrationTarget(model: model, output: nil)
        for plot in ["/calibration.json", "//calibration.json", "/link/calibration.json"] {
            #expect(
                Self.refusal { try target.refusePlot(at: model + plot) }
                    .contains("the calibration is written there"))
        }
        try target.refusePlot(at: model + "/plot.svg")
        try target.refusePlot(at: NSTemporaryDirectory() + "calibration.json")
    }
}
