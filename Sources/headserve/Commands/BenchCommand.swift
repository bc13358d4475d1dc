internal import ArgumentParser
internal import Bench
internal import Foundation
internal import Heads
internal import Logging
internal import LogitKernels
internal import Logs
internal import Predictions

/// `headserve bench`: the speed of one part on this machine, beside the machine's limit.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure one part of the server on this machine.",
        discussion: """
            logits is the dense kernel alone. het-xl, mhp, mhc and mhs are predictions without \
            HTTP of a head of random weights, loaded as serving does. Weights and rows are those \
            of a fixed seed. Of these it prints the median and the quartiles of a call, what is \
            computed and read a second, and the fraction of the limit: the time that the work \
            would take at the measured peaks of multiply-adds and of reading memory, over the \
            median. Weights that stay in a cache from call to call may pass that limit. json \
            reads a request's body and writes its answer; http serves a demo model and drives it \
            over connections of the same process.
            """)

    @Argument(help: "What is measured: \(BenchKind.list).")
    var kind: BenchKind

    @Option(help: "Width of a row, D (but for http).")
    var features = 1024

    @Option(help: "Labels, K (but for http).")
    var classes = 21_843

    @Option(help: "Rows of a call or request.")
    var rows = 1

    @Option(help: "Factors of the noise, R (het-xl).")
    var factors = 50

    @Option(help: "Draws or points, S (het-xl).")
    var samples = 1000

    @Option(help: "The rule that draws them, as in a request's parameters (het-xl).")
    var estimator = EstimatorChoice.auto

    @Option(help: "The standard error at which a row's samples end, S at the latest (het-xl).")
    var tolerance: Double?

    @Option(help: "Diagonal noise, shared or independent (het-xl).")
    var noise = DiagonalNoise.shared

    @Option(help: "Groups (mhc) or codes of the first head (mhp).")
    var groups = 148

    @Option(help: "Width of the label embeddings (mhc).")
    var hidden = 256

    @Option(help: "Groups that are searched (mhc).")
    var beam = 30

    @Option(help: "How weight matrices are held: float32, bfloat16 or int8.")
    var weights = WeightFormat.float32

    @Option(help: "The instruction set; the best of this machine unless it is given.")
    var kernel: String?

    @Option(help: "Compute threads; all this process may use unless it is given.")
    var threads: Int?

    @Option(help: "Seconds to measure for, beside one call to warm up.")
    var seconds = 2.0

    @Option(help: "Connections that are kept open (http).")
    var connections = 64

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let report = try report()
        print(json ? try report.json() : report.text)
    }

    private func report() throws -> BenchReport {
        let (shape, compute) = (try shape(), try compute())
        if kind == .http {
            return try BenchHTTP(
                shape: shape, compute: compute, connections: connections, seconds: seconds,
                model: BundledFiles.demoModel(BenchHTTP.modelName),
                log: LogOutput.logger(format: .text, level: .critical)
            ).report()
        }
        return try BenchCalls(kind, shape, compute, seconds: seconds).report()
    }

    private func shape() throws -> BenchShape {
        let shape = BenchShape(
            features: features, classes: classes, rows: rows, factors: factors, samples: samples,
            estimator: estimator, tolerance: tolerance, noise: noise, groups: groups,
            hidden: hidden, beam: beam)
        guard shape.isPositive, seconds > 0, (threads ?? 1) > 0, connections > 0,
            (tolerance ?? 1) > 0
        else {
            throw ValidationError(
                "sizes, threads, connections, tolerance and seconds must be positive")
        }
        guard features <= weights.maxInputCount else {
            throw ValidationError(
                "--features is at most \(weights.maxInputCount) with int8 weights")
        }
        return shape
    }

    private func compute() throws -> ComputeOptions {
        var options = ComputeOptions()
        options.threadCount = threads ?? ProcessorCount.available()
        options.weights = weights
        let variable = Setting.kernel.environmentName
        let environment = ProcessInfo.processInfo.environment[variable].flatMap {
            $0.isEmpty ? nil : SettingText(name: variable, text: $0)
        }
        if let text = kernel.map({ SettingText(name: "--kernel", text: $0) }) ?? environment {
            options.instructionSet = try text.instructionSet()
        }
        return options
    }
}

extension BenchKind: ExpressibleByArgument {}
extension WeightFormat: ExpressibleByArgument {}
extension DiagonalNoise: ExpressibleByArgument {}
extension EstimatorChoice: ExpressibleByArgument {}
