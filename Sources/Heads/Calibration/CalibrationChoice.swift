internal import Checkpoints
internal import Glibc
internal import LogitKernels
internal import Predictions

/// The calibration that a model is to be loaded with.
package enum CalibrationChoice: Sendable, Equatable {
    /// The `calibration.json` in its folder, else the one in its checkpoint, where there is one.
    case own
    /// That of a file, in the place of the one in the checkpoint. A second one in its folder is
    /// refused.
    case file(String)
    /// None, whatever there is.
    case none
}

/// A calibration, and the place where it was found.
struct FoundCalibration {
    let calibration: Calibration
    /// The place, for messages.
    let place: String

    /// Refuses a calibration that the head cannot have, and one by weights of another format than
    /// `weights`; nil for a format that nobody has chosen yet.
    func check(_ head: HeadSummary, weights: WeightFormat?) throws(ModelError) {
        guard head.output == .distribution else {
            throw misfit(
                .noDistribution(head: head.kind.rawValue, link: head.link.rawValue))
        }
        guard calibration.temperature == nil || head.kind == .dense || head.kind == .mhs else {
            throw misfit(.temperature(head: head.kind.rawValue))
        }
        if let weights, weights != calibration.weights {
            throw misfit(.weights(calibration.weights, inMemory: weights))
        }
    }

    func misfit(_ reason: CalibrationMisfit) -> ModelError {
        .calibration(path: place, misfit: reason)
    }

    /// Refuses a calibration of another model.
    fileprivate func requireOrigin(_ model: ModelDigests) throws(ModelError) {
        guard let origin = calibration.origin, origin != model else { return }
        var parts: [CalibrationMisfit.Part] = []
        if origin.checkpoint != model.checkpoint { parts.append(.checkpoint) }
        if origin.manifest != model.manifest { parts.append(.manifest) }
        throw misfit(.otherModel(parts))
    }
}

extension ModelSource {
    /// The calibration in the model's folder.
    var calibrationPath: String? {
        folder.isEmpty ? nil : folder + "/" + CalibrationFile.name
    }

    /// The calibration of the model; nil where there is none.
    ///
    /// - Parameters:
    ///   - checkpoint: the model's own.
    ///   - digest: its SHA-256; nil where nobody has asked for it yet.
    ///   - manifest: that of the model, completed by the checkpoint's.
    func calibration(
        _ choice: CalibrationChoice, of checkpoint: Checkpoint, digest: String? = nil,
        manifest: ModelManifest
    ) throws(ModelError) -> FoundCalibration? {
        let path: String?
        switch choice {
        case .none: return nil
        case .own: path = try ownCalibration()
        case .file(let file):
            if let ownPath = try ownCalibration(),
                FileIdentity(path: ownPath) != FileIdentity(path: file)
            {
                throw .calibration(path: file, misfit: .second(path: ownPath))
            }
            path = file
        }
        guard let path else { return try embeddedCalibration(checkpoint, manifest) }
        let found = FoundCalibration(calibration: try CalibrationFile.read(path), place: path)
        let ownDigest = if let digest { digest } else { try checkpoint.modelDigest() }
        try found.requireOrigin(ModelDigests(checkpoint: ownDigest, manifest: manifestDigest))
        return found
    }

    /// The path of the calibration in the model's folder; nil where nothing has its name. Whatever
    /// has it is to be read, and refused if it cannot be: a link that leads nowhere too.
    private func ownCalibration() throws(ModelError) -> String? {
        guard let path = calibrationPath else { return nil }
        var status = stat()
        guard unsafe lstat(path, &status) != 0 else { return path }
        let number = errno
        guard number == ENOENT else {
            throw .checkpoint(.unreadable(path: path, operation: .status, errno: number))
        }
        return nil
    }

    /// The calibration in the checkpoint, which is of the model that the checkpoint describes.
    private func embeddedCalibration(
        _ checkpoint: Checkpoint, _ manifest: ModelManifest
    ) throws(ModelError) -> FoundCalibration? {
        guard let calibration = try EmbeddedModel.calibration(in: checkpoint) else { return nil }
        let found = FoundCalibration(
            calibration: calibration, place: EmbeddedModel.calibrationPlace(in: checkpoint))
        guard manifest.describesSameHead(as: try EmbeddedModel(checkpoint).manifest) else {
            throw found.misfit(.otherDescription)
        }
        return found
    }
}

extension Checkpoint {
    /// `digest` with errors of models.
    func modelDigest() throws(ModelError) -> String {
        do {
            return try digest()
        } catch {
            throw .checkpoint(error)
        }
    }
}

extension ModelManifest {
    /// Whether the heads of two descriptions answer alike.
    fileprivate func describesSameHead(as other: ModelManifest) -> Bool {
        func essence(_ manifest: ModelManifest) -> ModelManifest {
            var essence = manifest
            (essence.checkpoint, essence.labels, essence.version) = (nil, nil, nil)
            essence.fallbackSamples = Self.defaultSamples
            return essence
        }
        return essence(self) == essence(other)
    }
}
