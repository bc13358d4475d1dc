internal import Foundation
internal import Heads
internal import LogitKernels

/// The output of `headserve bench`. Which of the optional numbers it has depends on the kind.
package struct BenchReport: Encodable {
    let kind: String
    let shape: BenchShape
    let kernel: String
    let weights: String
    let threads: Int
    let calls: Int
    let medianMs: Double
    let lowerQuartileMs: Double
    let upperQuartileMs: Double
    let minimumMs: Double
    let p99Ms: Double

    /// The least work of a call over the median time.
    private(set) var gflops: Double?
    private(set) var gbytes: Double?
    /// The machine's peaks: `gbytes` of reading from memory, and for each format of the work, as
    /// in `float32_gflops`, of arithmetic in registers.
    private(set) var peaks: [String: Double]?
    /// The least time of that work at the peaks, over the median time.
    private(set) var fraction: Double?

    /// Samples that a row took, which its rule and a tolerance decide.
    private(set) var samplesPerRow: Int?

    /// Bytes of a call's texts, and their rate.
    private(set) var textBytes: Int?
    private(set) var megabytesPerSecond: Double?

    private(set) var connections: Int?
    private(set) var requestsPerSecond: Double?

    init(
        _ kind: BenchKind, _ shape: BenchShape, _ compute: ComputeOptions, _ timing: BenchTiming
    ) {
        self.kind = kind.rawValue
        self.shape = shape
        kernel = compute.instructionSet.rawValue
        weights = (compute.weights ?? .float32).rawValue
        threads = compute.threadCount
        calls = timing.milliseconds.count
        medianMs = timing.median
        lowerQuartileMs = timing.quantile(0.25)
        upperQuartileMs = timing.quantile(0.75)
        minimumMs = timing.quantile(0)
        p99Ms = timing.quantile(0.99)
    }

    /// Adds the rates of a call's work, and compares them with the machine's peaks.
    mutating func add(_ work: BenchWork, at found: MachinePeaks) {
        gflops = work.operations / medianMs / 1e6
        gbytes = work.bytes / medianMs / 1e6
        var peaks = ["gbytes": found.bytes / 1e9]
        for (format, rate) in found.operations { peaks[Self.peakName(format)] = rate / 1e9 }
        self.peaks = peaks
        fraction = work.seconds(at: found) * 1e3 / medianMs
    }

    private static func peakName(_ format: WeightFormat) -> String { format.rawValue + "_gflops" }

    mutating func add(samplesPerRow: Int) { self.samplesPerRow = samplesPerRow }

    mutating func add(textByteCount: Int) {
        textBytes = textByteCount
        megabytesPerSecond = Double(textByteCount) / medianMs / 1e3
    }

    mutating func add(connections: Int, requestsPerSecond: Double) {
        self.connections = connections
        self.requestsPerSecond = requestsPerSecond
    }

    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    // MARK: Text

    package var text: String {
        let head =
            "\(kind), \(shape.rows) rows, D = \(shape.features), K = \(shape.classes), "
            + "\(threads) threads, \(kernel), \(weights) weights"
        let median =
            "  median      \(digits(medianMs)) ms (quartiles \(digits(lowerQuartileMs)) and "
            + "\(digits(upperQuartileMs)), minimum \(digits(minimumMs)), "
            + "99 in 100 within \(digits(p99Ms)), \(calls) calls)"
        return ([head, median] + workLines + otherLines).joined(separator: "\n")
    }

    private var workLines: [String] {
        guard let gflops, let gbytes, let peaks, let fraction else { return [] }
        let rates = peaks.filter { $0.key != "gbytes" }.sorted { $0.key < $1.key }.map {
            "\(digits($0.value)) in \($0.key.prefix { $0 != "_" })"
        }
        return [
            "  arithmetic  \(digits(gflops)) GFLOP/s; peak \(rates.joined(separator: ", "))",
            "  weights     \(digits(gbytes)) GB/s; peak \(digits(peaks["gbytes"] ?? 0))",
            "  limit       \(digits(fraction * 100)) % of what the peaks allow",
        ]
    }

    private var otherLines: [String] {
        var lines: [String] = []
        if let samplesPerRow { lines.append("  samples     \(samplesPerRow) a row") }
        if let textBytes, let megabytesPerSecond {
            lines.append("  texts       \(textBytes) bytes, \(digits(megabytesPerSecond)) MB/s")
        }
        if let connections, let requestsPerSecond {
            lines.append(
                "  requests    \(digits(requestsPerSecond)) a second on \(connections) connections")
        }
        return lines
    }

    /// The number with four significant digits, or with all digits before its point.
    private func digits(_ value: Double) -> String {
        guard value > 0 else { return "0" }
        let places = max(0, 3 - Int(log10(value).rounded(.down)))
        return String(format: "%.\(places)f", value)
    }
}
