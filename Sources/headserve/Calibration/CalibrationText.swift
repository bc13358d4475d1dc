internal import Foundation
internal import Heads
internal import Predictions

/// The output of `headserve calibrate`: how the model does on the rows, and how many labels sets
/// will have.
struct CalibrationText {
    private let report: CalibrationRun.Report
    private let path: String

    init(_ report: CalibrationRun.Report, path: String) {
        (self.report, self.path) = (report, path)
    }

    var text: String {
        ([title, ""] + indented(figureRows) + [""] + indented(sizeRows) + notes)
            .joined(separator: "\n")
    }

    private var title: String {
        let calibration = report.calibration
        let samples =
            calibration.samples > 0
            ? ", \(calibration.samples) samples of seed \(calibration.seed)" : ""
        return "\(path.printable): \(calibration.method.rawValue), \(calibration.rowCount) rows, "
            + "\(calibration.estimator.rawValue)\(samples)"
    }

    // MARK: Figures

    private var figureRows: [[String]] {
        let columns = [report.before] + (report.after.map { [$0] } ?? [])
        let names = columns.count > 1 ? [["", "before", "after"]] : []
        return names + [
            ["accuracy"] + columns.map { Self.number($0.accuracy) },
            ["NLL, nats"] + columns.map { Self.number($0.negativeLogLikelihood) },
            ["ECE, \(Reliability.binCount) bins"]
                + columns.map { Self.number($0.reliability.calibrationError) },
        ] + (report.calibration.temperature.map { [["temperature", "1", Self.number($0)]] } ?? [])
    }

    private var sizeRows: [[String]] {
        [["coverage", "threshold", "labels in a set: mean", "median", "largest"]]
            + report.sizes.map { sizes in
                [
                    Self.percent(sizes.coverage), sizes.threshold.map(Self.number) ?? "all labels",
                    String(format: "%.2f", sizes.mean), "\(sizes.median)", "\(sizes.largest)",
                ]
            }
    }

    private var notes: [String] {
        var notes: [String] = []
        let count = report.calibration.rowCount
        if report.sizedRowCount < count {
            notes.append("Sizes are of \(report.sizedRowCount) rows, spread over all.")
        }
        if report.sizes.contains(where: { $0.largest == PredictionSetRule.maxLabels }) {
            notes.append("A set lists \(PredictionSetRule.maxLabels) labels at most.")
        }
        for sizes in report.sizes where sizes.threshold == nil {
            let needed = Int((sizes.coverage / (1 - sizes.coverage)).rounded())
            notes.append(
                "For \(Self.percent(sizes.coverage)) \(count) rows are too few: sets hold all "
                    + "labels below \(needed) rows.")
        }
        return notes.isEmpty ? [] : [""] + notes
    }

    private static func percent(_ coverage: Double) -> String {
        "\(Int((coverage * 100).rounded())) %"
    }

    private static func number(_ value: Double) -> String { String(format: "%.4f", value) }

    /// The first column to the left, the others to the right.
    private func indented(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            row.enumerated().reduce(into: " ") { line, cell in
                let padding = String(
                    repeating: " ", count: widths[cell.offset] - cell.element.count)
                line += " " + (cell.offset == 0 ? cell.element + padding : padding + cell.element)
            }
        }
    }
}
