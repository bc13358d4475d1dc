internal import Checkpoints
internal import Foundation
internal import Heads

/// A reliability diagram: for each bin of largest probabilities, the share of rows whose best label
/// is the true one over the bin's mean probability. Rows of a perfect model lie on the diagonal.
struct ReliabilityPlot {
    /// One model's points, and the name in the legend.
    private struct Series {
        let name: String
        let figures: CalibrationFigures
        let colour: String
    }

    private let series: [Series]

    /// Pixels of the square of both axes, and of the margins left and above of it.
    private static let side = 400.0
    private static let margin = 60.0
    /// The largest radius of a point, of a bin that has all rows: areas are as the rows.
    private static let largestRadius = 30.0

    init(_ report: CalibrationRun.Report) {
        let after = report.after.map {
            Series(name: "fitted temperature", figures: $0, colour: "#d9730d")
        }
        series =
            [
                Series(
                    name: after == nil ? "model" : "as it is", figures: report.before,
                    colour: "#2266bb")
            ] + (after.map { [$0] } ?? [])
    }

    /// Refuses a place where no plot can be written, and that of a file that is no SVG.
    static func check(_ path: String) throws(ModelError) {
        try WrittenFile.check(path) { path in
            let bytes = try? RegularFile.bytes(of: path, atMost: 1 << 20)
            return bytes?.starts(with: "<svg".utf8) ?? false
        }
    }

    /// The text of the file.
    var svg: String {
        let (width, height) = (Self.side + 1.5 * Self.margin, Self.side + 2 * Self.margin)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" \
            font-family="sans-serif" font-size="13">
            <title>Reliability diagram</title>
            <rect width="100%" height="100%" fill="white"/>
            \(axes.joined(separator: "\n"))
            \(series.flatMap(points).joined(separator: "\n"))
            \(legend.joined(separator: "\n"))
            </svg>

            """
    }

    // MARK: Parts

    private static func x(_ value: Double) -> String { text(margin + side * value) }
    private static func y(_ value: Double) -> String { text(margin + side * (1 - value)) }
    private static func text(_ value: Double) -> String { String(format: "%.1f", value) }

    private var axes: [String] {
        let (x, y) = (Self.x, Self.y)
        let ticks = (0...5).map { Double($0) / 5 }
        return [
            "<path d=\"M\(x(0)) \(y(1))V\(y(0))H\(x(1))\" fill=\"none\" stroke=\"black\"/>",
            "<path d=\"M\(x(0)) \(y(0))L\(x(1)) \(y(1))\" stroke=\"#999\" "
                + "stroke-dasharray=\"4 4\"/>",
        ]
            + ticks.map {
                "<text x=\"\(x($0))\" y=\"\(Self.text(Self.margin + Self.side + 18))\" "
                    + "text-anchor=\"middle\">\($0)</text>"
            }
            + ticks.map {
                "<text x=\"\(Self.text(Self.margin - 8))\" y=\"\(y($0))\" text-anchor=\"end\" "
                    + "dominant-baseline=\"middle\">\($0)</text>"
            } + [
                "<text x=\"\(x(0.5))\" y=\"\(Self.text(Self.margin + Self.side + 42))\" "
                    + "text-anchor=\"middle\">mean largest probability</text>",
                "<text transform=\"translate(16 \(y(0.5))) rotate(-90)\" "
                    + "text-anchor=\"middle\">share of rows predicted right</text>",
            ]
    }

    private func points(_ series: Series) -> [String] {
        let bins = series.figures.reliability.bins.filter { $0.rowCount > 0 }
        return bins.map { bin in
            let share = Double(bin.rowCount) / Double(series.figures.rowCount)
            let radius = max(2, Self.largestRadius * share.squareRoot())
            return "<circle cx=\"\(Self.x(bin.confidence))\" cy=\"\(Self.y(bin.accuracy))\" "
                + "r=\"\(Self.text(radius))\" fill=\"\(series.colour)\" fill-opacity=\"0.4\" "
                + "stroke=\"\(series.colour)\"><title>\(bin.rowCount) rows</title></circle>"
        }
    }

    private var legend: [String] {
        series.enumerated().map { index, series in
            let error = String(format: "%.4f", series.figures.reliability.calibrationError)
            return "<text x=\"\(Self.x(0.02))\" y=\"\(Self.text(20 + 18 * Double(index)))\" "
                + "fill=\"\(series.colour)\">\(series.name): \(series.figures.rowCount) rows, "
                + "ECE \(error); areas are as rows</text>"
        }
    }
}
