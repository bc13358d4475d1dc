internal import ArgumentParser
internal import Heads

/// `headserve convert`: writes a model as one safetensors file that needs no model.json.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a model as one safetensors file that says all of itself.",
        discussion: """
            The file holds the tensors that the head reads, and in its metadata what model.json \
            and the labels file say. It is served as it is and loads by memory map. Without \
            --weights every answer stays the same to the bit. Nothing is written over: not a file \
            that exists, unless --overwrite says so, and never one of the model's own.
            """)

    @Argument(help: "A checkpoint file, or a folder with a model.json.")
    var path: String

    @Option(help: "The safetensors file to write.")
    var to: String

    @Flag(help: "Replace the file that --to names, if there is one.")
    var overwrite = false

    @Option(help: "How weight matrices are stored; as they are unless it is given.")
    var weights: StoredWeights?

    func run() throws {
        do throws(ModelError) {
            let report = try ModelConversion(path: path, to: to, overwrites: overwrite)
                .write(
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
