internal import Foundation

/// What `headserve bench` prints.
struct BenchReport: Encodable {
    let kind: String
    let shape: BenchShape
    let threads: Int
    let calls: Int
    let medianMs: Double
    let lowerQuartileMs: Double
    let upperQuartileMs: Double
    let minimumMs: Double
    /// By the work that has to be done at the least, over the median.
    let gigaflopsPerSecond: Double
    let gigabytesPerSecond: Double

    init(_ kind: BenchKind, _ shape: BenchShape, threads: Int, _ timing: BenchTiming) {
        let work = shape.work(kind)
        self.kind = kind.rawValue
        self.shape = shape
        self.threads = threads
        calls = timing.milliseconds.count
        medianMs = timing.median
        lowerQuartileMs = timing.quantile(0.25)
        upperQuartileMs = timing.quantile(0.75)
        minimumMs = timing.quantile(0)
        gigaflopsPerSecond = work.operations / timing.median / 1e6
        gigabytesPerSecond = work.weightBytes / timing.median / 1e6
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    var text: String {
        """
        \(kind), \(shape.rows) rows, D = \(shape.features), K = \(shape.classes), \(threads) threads
          median      \(digits(medianMs)) ms (quartiles \(digits(lowerQuartileMs)) and \
        \(digits(upperQuartileMs)), minimum \(digits(minimumMs)), \(calls) calls)
          arithmetic  \(digits(gigaflopsPerSecond)) GFLOP/s
          weights     \(digits(gigabytesPerSecond)) GB/s
        """
    }

    /// Four significant digits.
    private func digits(_ value: Double) -> String {
        guard value > 0 else { return "0" }
        let places = max(0, 3 - Int(log10(value).rounded(.down)))
        return String(format: "%.\(places)f", value)
    }
}
