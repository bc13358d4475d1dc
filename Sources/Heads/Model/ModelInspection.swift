package import Checkpoints

/// The contents of a checkpoint file, or of a folder with a `model.json`: its tensors, the head
/// among them, and the keys that `model.json` must still give.
package struct ModelInspection: Sendable {
    /// The checkpoint file; of shards, their index.
    package let path: String
    package let format: CheckpointFormat
    /// Bytes of all its files.
    package let byteCount: Int
    /// Lower-case hexadecimal SHA-256: see `Checkpoint.digest`.
    package let sha256: String
    /// In file order.
    package let tensors: [TensorDescription]
    /// The tensors that are in the file but cannot be read, in file order; without that of the
    /// labels' names.
    package let unread: [UnreadTensor]
    /// The head, or why it would be refused. Missing keys are not such a reason, and weights are
    /// not checked for being finite: only shapes and a learned temperature are read.
    package let head: Result<HeadReport, ModelError>
    /// The calibration in its folder or in the checkpoint, or why it would be refused; nil where
    /// there is none.
    package let calibration: Result<Calibration, ModelError>?

    /// Reads the file's headers, and all its bytes for the digest. Fails when it is not a
    /// checkpoint, or when the `model.json` beside it is not valid.
    ///
    /// - Parameter path: as for `Model.load`.
    package init(path: String) throws(ModelError) {
        let source = try ModelSource.find(path)
        let (checkpoint, manifest, embeddedLabels) = try source.open()
        sha256 = try checkpoint.modelDigest()
        self.path = checkpoint.path
        format = checkpoint.format
        byteCount = checkpoint.byteCount
        tensors = checkpoint.tensors.map {
            TensorDescription(name: $0.name, elementType: $0.elementType, shape: $0.shape)
        }
        head = Result { () throws(ModelError) in
            let recognition = HeadRecognition(manifest: manifest, checkpoint: checkpoint)
            let report = try recognition.report()
            if let count = report.sizes.classCount {
                _ = try source.labels(
                    or: try recognition.labels(besides: embeddedLabels), count: count)
            }
            return report.withLabels(
                in: manifest.labels == nil
                    ? embeddedLabels.map { _ in EmbeddedModel.labelsName }
                        ?? recognition.labelsName : nil)
        }
        calibration = Self.calibration(source, checkpoint, manifest, digest: sha256)
        let labels = (try? head.get())?.settings.first {
            $0.key == "labels" && $0.source == .checkpoint
        }
        unread = checkpoint.unread.filter { $0.name != labels?.value }
    }

    /// Reads the head's weights too, where there is a calibration: only the head says what it can
    /// have.
    private static func calibration(
        _ source: ModelSource, _ checkpoint: Checkpoint, _ manifest: ModelManifest, digest: String
    ) -> Result<Calibration, ModelError>? {
        do throws(ModelError) {
            guard
                let found = try source.calibration(
                    .own, of: checkpoint, digest: digest, manifest: manifest)
            else { return nil }
            let recognition = HeadRecognition(manifest: manifest, checkpoint: checkpoint)
            if let head = try? recognition.head() { try found.check(head.summary, weights: nil) }
            return .success(found.calibration)
        } catch {
            return .failure(error)
        }
    }
}
