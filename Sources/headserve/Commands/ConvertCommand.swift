internal import ArgumentParser
internal import Heads

/// `headserve convert`: writes a model as one safetensors file that needs no model.json.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a model as one safetensors file that says all of itself.",
        discussion: """
            The file holds the tensors that the head reads, and in its metadata what model.json, \
            the labels file and the calibration say. It is served as it is and loads by memory \
            map. Without --weights every answer stays the same to the bit. Nothing is written \
            over: not a file that exists, unless --overwrite says so, and never one of the \
            model's own.
            """)

    @Argument(help: "A checkpoint file, or a folder with a model.json.")
    var path: String

    @Option(help: "The safetensors file to write.")
    var to: String

    @Flag(help: "Replace the file that --to names, if there is one.")
    var overwrite = false

    @Option(help: "How weight matrices are stored; as they are unless it is given.")
    var weights: StoredWeights?

    @Option(
        help: """
            A calibration of the model, where its folder has none. (default: the folder's or \
            checkpoint's own)
            """)
    var calibration: String?

    @Flag(help: "Leave a calibration out.")
    var withoutCalibration = false

    func validate() throws {
        guard calibration == nil || !withoutCalibration else {
            throw ValidationError(
                "--calibration and --without-calibration exclude each other: leave one of them out")
        }
    }

    private var choice: CalibrationChoice {
        withoutCalibration ? .none : calibration.map { .file($0) } ?? .own
    }

    func run() throws {
        do throws(ModelError) {
            let conversion = try ModelConversion(
                path: path, to: to, overwrites: overwrite, calibration: choice)
            let report = try conversion.write(
                weights: weights,
                engine: ComputeEngine(threadCount: ProcessorCount.available()))
            print("\(to): \(report.tensorCount) tensors, \(report.byteCount) bytes")
            print(
                report.largestDifference == 0
                    ? "An answer of the written model is the same to the bit."
                    : "An answer of the written model differs by at most "
                        + "\(report.largestDifference).")
        } catch {
            StandardError.write("\(error)")
            throw ExitCode.failure
        }
    }
}

extension StoredWeights: ExpressibleByArgument {}
