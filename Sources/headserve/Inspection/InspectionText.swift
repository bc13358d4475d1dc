internal import Checkpoints
internal import Heads
internal import LogitKernels
internal import Predictions

/// The output of `headserve inspect` for people.
struct InspectionText {
    private let inspection: ModelInspection

    init(_ inspection: ModelInspection) { self.inspection = inspection }

    var text: String { lines.map(\.printable).joined(separator: "\n") }

    /// Characters that a column is padded to at most: a longer name shifts its own row, not all.
    private static let maxColumnWidth = 100

    private var lines: [String] {
        let file = [
            inspection.path,
            "  format     \(inspection.format.rawValue), \(inspection.byteCount) bytes",
            "  sha256     \(inspection.sha256)",
            "", "Tensors",
        ]
        return file + indented(tensorRows) + unreadLines + [""] + headLines + calibrationLines
    }

    private var tensorRows: [[String]] {
        inspection.tensors.map { [$0.name, $0.elementType.rawValue, "\($0.shape)"] }
    }

    /// The kinds of tensors that are not read, which matter only to a head that needs one.
    private var unreadLines: [String] {
        let kinds = UnreadKinds(inspection.unread).kinds
        guard !kinds.isEmpty else { return [] }
        let rows = kinds.map { kind in
            let more = kind.count - kind.names.count
            return [
                kind.type, "\(kind.count)",
                kind.names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : ""),
            ]
        }
        return ["", "Left unread, because of their type"] + indented(rows)
    }

    private var headLines: [String] {
        switch inspection.head {
        case .failure(let error): ["No head to serve", "  \(error)"]
        case .success(let report): headLines(report)
        }
    }

    private var calibrationLines: [String] {
        switch inspection.calibration {
        case .none: return []
        case .failure(let error): return ["", "Calibration that is refused", "  \(error)"]
        case .success(let calibration):
            let seed = calibration.samples > 0 ? ", seed \(calibration.seed)" : ""
            return [
                "", "Calibration",
                "  method     \(calibration.method.rawValue), \(calibration.rowCount) rows, "
                    + calibration.date,
                "  estimator  \(calibration.estimator.rawValue), "
                    + "\(calibration.samples) samples\(seed)",
            ] + (calibration.temperature.map { ["  temperature \($0)"] } ?? [])
                + (calibration.weights == .float32
                    ? [] : ["  weights    \(calibration.weights.rawValue)"])
        }
    }

    private func headLines(_ report: HeadReport) -> [String] {
        ["Head", "  kind       \(kind(report))", "  rule       \(report.rule)"]
            + passedThrough(report.passedThrough) + unused(report.unused)
            + ["  sizes      " + sizes(report.sizes)]
            + ["  parameters " + parameters(report)]
            + ["", "model.json"] + indented(report.settings.map(row)) + advice(report)
    }

    private func kind(_ report: HeadReport) -> String {
        if let head = report.head { return "\(head.rawValue), of \(report.origin)" }
        let choices = report.choices.map(\.head.rawValue).joined(separator: " or ")
        return "\(choices), of \(report.origin)"
    }

    private func passedThrough(_ layers: [HeadPlace]) -> [String] {
        guard !layers.isEmpty else { return [] }
        return [
            "  instances  must have passed through "
                + layers.map(\.description).joined(separator: ", ") + ", which "
                + (layers.count == 1 ? "does" : "do") + " not run here"
        ]
    }

    private func unused(_ places: [HeadPlace]) -> [String] {
        guard !places.isEmpty else { return [] }
        return [
            "  unused     " + places.map(\.description).joined(separator: ", ")
                + ": beside the head, and not applied to its answers"
        ]
    }

    private func sizes(_ sizes: HeadSizes) -> String {
        var parts = ["\(sizes.inputCount) inputs"]
        if sizes.featureCount != sizes.inputCount { parts.append("\(sizes.featureCount) features") }
        if let classes = sizes.classCount { parts.append("\(classes) classes") }
        if let factors = sizes.factorCount { parts.append("\(factors) factors") }
        if let heads = sizes.heads { parts.append("heads \(heads)") }
        if let members = sizes.memberCount { parts.append("\(members) members") }
        return parts.joined(separator: ", ")
    }

    private func parameters(_ report: HeadReport) -> String {
        guard let other = report.comparison else { return "\(report.parameterCount)" }
        return "\(report.parameterCount); \(other.head.rawValue) in its place would have "
            + "\(other.parameterCount)" + ratio(report.sizes, other)
    }

    /// The factor K/D between the two heads' noise layers: HET's are as wide as the logits, those
    /// of HET-XL as the features.
    private func ratio(_ sizes: HeadSizes, _ other: ParameterComparison) -> String {
        guard let classes = sizes.classCount, other.head == .het || other.head == .hetXL else {
            return ""
        }
        return " (K/D = \(classes)/\(sizes.featureCount))"
    }

    private func row(_ setting: ManifestSetting) -> [String] {
        [setting.key, setting.value ?? "-", origin(setting.source)]
    }

    private func origin(_ source: ManifestSetting.Source) -> String {
        switch source {
        case .manifest: "told"
        case .checkpoint: "found in the checkpoint"
        case .defaultValue: "default"
        case .missing: "MISSING"
        }
    }

    private func advice(_ report: HeadReport) -> [String] {
        guard !report.missingKeys.isEmpty else { return ["", "This can be served as it is."] }
        let keys = report.missingKeys.map { "'\($0)'" }.joined(separator: ", ")
        return ["", "model.json must say \(keys)."]
            + report.choices.filter { !$0.missingKeys.isEmpty }.map { choice in
                let more = choice.missingKeys.map { "'\($0)'" }.joined(separator: ", ")
                return "For '\(choice.head.rawValue)' it must say \(more) as well."
            }
    }

    /// Rows as lines of aligned columns, indented by two spaces. The last column is not padded.
    private func indented(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            min(rows.map { $0[column].count }.max() ?? 0, Self.maxColumnWidth)
        }
        return rows.map { row in
            let cells = zip(row, widths).dropLast().map { cell, width in
                cell + String(repeating: " ", count: max(0, width - cell.count))
            }
            return "  " + (cells + row.suffix(1)).joined(separator: "  ")
        }
    }
}
