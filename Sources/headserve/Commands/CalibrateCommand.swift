internal import ArgumentParser
internal import Clocks
internal import Foundation
internal import Heads
internal import LogitKernels
internal import Predictions

/// `headserve calibrate`: the scores by which a model gives prediction sets.
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Calibrate a model on rows whose labels are known, for prediction sets.",
        discussion: """
            Writes calibration.json into the model's folder, by which requests are answered that \
            ask for a coverage. The rows must not be those that the head was trained on, and must \
            come from where requests come from. Prints how the model does on them, and how many \
            labels sets will have.

            For example:
              headserve calibrate --model my-head --data x.npy --labels y.npy
              headserve calibrate --model my-head.safetensors --data x.npy --labels y.txt \
            --output my-head.json --fit-temperature --plot my-head.svg
            """)

    @Option(help: "A checkpoint file, or a folder with a model.json.")
    var model: String

    @Option(help: "A .npy of [rows, inputs] numbers: features that the head was not trained on.")
    var data: String

    @Option(
        help: """
            The label of each row: a .npy of whole numbers (indices), or a text with one label's \
            name a line.
            """)
    var labels: String

    @Option(
        help: """
            The score of a label: lac (1 - p), aps (the probability of all labels at least as \
            likely), or raps (the same and a penalty for the rank).
            """)
    var method = PredictionSetRule.Method.lac

    @Option(
        help: "The file to write. (default: calibration.json in the model's folder)")
    var output: String?

    @Flag(help: "Divide the logits by the number that makes the labels most likely (dense, mhs).")
    var fitTemperature = false

    @Option(help: "An SVG file to draw the reliability diagram into.")
    var plot: String?

    @Option(help: "Samples of each row, for heads with noise. (default: the model's)")
    var samples: Int?

    @Option(help: "The seed of each row's samples, for heads with noise.")
    var seed = 0

    @Option(help: "The estimator, for heads with noise, as requests name it.")
    var estimator = EstimatorChoice.auto

    @Option(help: "The format of weight matrices in memory, as serve has it.")
    var weights = WeightFormat.float32

    func validate() throws {
        guard (1...ModelManifest.maxSamples).contains(samples ?? 1) else {
            throw ValidationError("--samples must be from 1 to \(ModelManifest.maxSamples)")
        }
        guard (0...Calibration.maxSeed).contains(seed) else {
            throw ValidationError("--seed must be from 0 to \(Calibration.maxSeed)")
        }
    }

    func run() throws {
        do throws(ModelError) {
            let target = try CalibrationTarget(model: model, output: output)
            if let plot {
                try target.refusePlot(at: plot)
                try ReliabilityPlot.check(plot)
            }
            let model = try Model.load(path: self.model, weights: weights, calibration: .none)
            var run = try CalibrationRun(
                path: self.model, model: model,
                engine: ComputeEngine(threadCount: ProcessorCount.available()))
            (run.method, run.estimator, run.fitsTemperature) = (method, estimator, fitTemperature)
            (run.sampleCount, run.seed) = (samples, seed)
            let rows = try LabelledRows(features: data, labels: labels, of: model)
            let report = try run.run(rows, date: Self.date)
            try target.write(report.calibration)
            if let plot { try WrittenFile.write(ReliabilityPlot(report).svg, to: plot) }
            print(
                CalibrationText(report, path: target.path).text)
        } catch {
            StandardError.write("\(error)")
            throw ExitCode.failure
        }
    }

    /// The time, to the second.
    private static var date: String { String("\(WallTime.now)".prefix(19)) + "Z" }
}

extension PredictionSetRule.Method: ExpressibleByArgument {}
