internal import ArgumentParser

/// `headserve bench`: how fast one part is on this machine.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure one part of the server on this machine.",
        discussion: """
            Makes a checkpoint of random weights, loads it as serving does, and times predictions \
            without HTTP. Prints the median and the quartiles of a call, what it computes and \
            reads a second.
            """)

    @Argument(help: "What is measured: \(BenchKind.list).")
    var kind: BenchKind

    @Option(help: "Width of a row, D.")
    var features = 1024

    @Option(help: "Labels, K.")
    var classes = 21_843

    @Option(help: "Rows of a call.")
    var rows = 1

    @Option(help: "Factors of the noise, R (het-xl).")
    var factors = 50

    @Option(help: "Draws, S (het-xl).")
    var samples = 1000

    @Option(help: "Groups (mhc) or codes of the first head (mhp).")
    var groups = 148

    @Option(help: "Width of the label embeddings (mhc).")
    var hidden = 256

    @Option(help: "Groups that are searched (mhc).")
    var beam = 30

    @Option(help: "Compute threads; all this process may use unless it is given.")
    var threads: Int?

    @Option(help: "Seconds to measure for, beside one call to warm up.")
    var seconds = 2.0

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let shape = BenchShape(
            features: features, classes: classes, rows: rows, factors: factors, samples: samples,
            groups: groups, hidden: hidden, beam: beam)
        guard shape.isPositive, seconds > 0, (threads ?? 1) > 0 else {
            throw ValidationError("sizes, threads and seconds must be positive")
        }
        let threads = threads ?? ProcessorCount.available()
        let subject = try BenchSubject(kind, shape, threads: threads)
        let timing = BenchTiming.measure(seconds: seconds, subject.call)
        let report = BenchReport(kind, shape, threads: threads, timing)
        print(json ? try report.json() : report.text)
    }
}
