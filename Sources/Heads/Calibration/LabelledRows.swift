internal import Checkpoints
internal import Predictions

/// Rows of features whose true labels are known, from two files.
package struct LabelledRows: Sendable {
    /// Below K, one a row.
    package let labels: [Int]
    private let rows: TensorRows
    private let path: String

    package var count: Int { labels.count }

    /// Opens the files and checks them against the model; features are read when they are asked
    /// for. Refuses by name what does not fit.
    ///
    /// - Parameters:
    ///   - features: the path of a `.npy` with n rows of numbers of the model's input width, n from
    ///     1 to `Calibration.maxRowCount`.
    ///   - labels: the path of a `.npy` with n indices of labels, or of a text with n labels'
    ///     names, one a line.
    package init(features: String, labels: String, of model: Model) throws(ModelError) {
        let tensor = try Self.matrix(features, width: model.head.summary.inputCount)
        do {
            rows = try tensor.rows()
        } catch {
            throw .checkpoint(error)
        }
        path = features
        self.labels = try TrueLabels(model, path: labels).indices
        guard self.labels.count == rows.rowCount else {
            throw .file(
                path: labels,
                reason: "it has \(self.labels.count) labels, and \(features) has "
                    + "\(rows.rowCount) rows; each row needs one label")
        }
    }

    private static func matrix(_ path: String, width: Int) throws(ModelError) -> Tensor {
        let expected = "expected a .npy of [rows, \(width)] numbers, as the model's inputs are"
        let file: Checkpoint
        do {
            file = try Checkpoint.open(path)
        } catch {
            throw .checkpoint(error)
        }
        guard file.format == .npy else {
            throw .file(path: path, reason: "\(expected), not \(file.format.rawValue)")
        }
        let tensor = file.tensors[0]
        guard tensor.shape.count == 2, tensor.shape[1] == width else {
            throw .file(path: path, reason: "\(expected), not of shape \(tensor.shape)")
        }
        guard (1...Calibration.maxRowCount).contains(tensor.shape[0]) else {
            throw .file(
                path: path,
                reason: "it has \(tensor.shape[0]) rows; a calibration takes from 1 to "
                    + "\(Calibration.maxRowCount)")
        }
        return tensor
    }

    /// Some rows, all of whose numbers are finite.
    func features(_ range: Range<Int>) throws(ModelError) -> FeatureRows {
        let features = rows.withRows(range) { span in
            [Float](capacity: span.count) { output in
                for index in 0..<span.count { output.append(span[index]) }
            }
        }
        guard !rows.hasLostBytes else {
            throw .file(path: path, reason: "it became shorter while it was read")
        }
        if let index = features.firstIndex(where: { !$0.isFinite }) {
            let (row, column) = index.quotientAndRemainder(dividingBy: rows.width)
            throw .file(
                path: path,
                reason: "row \(range.lowerBound + row), column \(column) is \(features[index]), "
                    + "which is no finite float32")
        }
        return FeatureRows(dense: features, count: range.count)
    }

    /// The error for a row that the head has no answer to.
    func refusal(ofRow row: Int, _ outcome: RowOutcome) -> ModelError {
        switch outcome {
        case .overflow:
            .file(
                path: path,
                reason: "row \(row) has no answer: its logits are beyond float32; scale the "
                    + "features as in training")
        case .lostWeights, .notWanted, .prediction:
            .file(path: path, reason: "row \(row) has no answer: the checkpoint was changed")
        }
    }
}

/// The labels of calibration rows, as an author saves them.
private struct TrueLabels {
    let indices: [Int]

    /// Bytes of a file of labels: those of a million 64-bit integers, or of so many names.
    static let maxBytes = 1 << 28
    /// The first byte of a `.npy`, which begins no text in UTF-8.
    private static let arrayStart: UInt8 = 0x93

    init(_ model: Model, path: String) throws(ModelError) {
        let bytes: [UInt8]
        do {
            bytes = try RegularFile.bytes(of: path, atMost: Self.maxBytes)
        } catch {
            throw .checkpoint(error)
        }
        indices =
            bytes.first == Self.arrayStart
            ? try Self.indices(bytes, path, classCount: model.head.summary.classCount)
            : try Self.indices(
                ofNames: try LabelText.labels(of: bytes, path: path), LabelIndex(model), path)
    }

    private static func indices(
        _ bytes: [UInt8], _ path: String, classCount: Int
    ) throws(ModelError) -> [Int] {
        let values: [Int64]
        let tensor: Tensor
        do throws(CheckpointError) {
            tensor = try Checkpoint.read(bytes, name: path).tensors[0]
            values = try tensor.integers()
        } catch {
            throw .file(
                path: path,
                reason: "expected whole numbers, the labels' indices, or a text of their names, "
                    + "one a line: \(error)")
        }
        guard tensor.shape == [values.count] || tensor.shape == [values.count, 1] else {
            throw .file(
                path: path, reason: "expected one label a row, not an array of \(tensor.shape)")
        }
        if let row = values.firstIndex(where: { !(0..<Int64(classCount)).contains($0) }) {
            throw .file(
                path: path,
                reason: "row \(row) has label \(values[row]); the model's are 0 to "
                    + "\(classCount - 1)")
        }
        return values.map { Int($0) }
    }

    private static func indices(
        ofNames names: [String], _ index: LabelIndex, _ path: String
    ) throws(ModelError) -> [Int] {
        var indices: [Int] = []
        indices.reserveCapacity(names.count)
        for (row, name) in names.enumerated() {
            switch index.match(name) {
            case .one(let label): indices.append(label)
            case .several:
                throw .label(
                    path: path, line: row + 1,
                    reason: "several labels of the model are called "
                        + "'\(ManifestExcerpt.cut(name))'; save indices as a .npy of integers")
            case nil:
                throw .label(
                    path: path, line: row + 1,
                    reason: "the model has no label called '\(ManifestExcerpt.cut(name))'; labels "
                        + "stand here by name, and indices in a .npy of integers")
            }
        }
        return indices
    }
}
