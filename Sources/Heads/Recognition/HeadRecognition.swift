internal import Checkpoints
internal import LogitKernels
internal import Predictions

/// Finds the head in a checkpoint.
struct HeadRecognition {
    let manifest: ModelManifest
    let checkpoint: Checkpoint
    /// Told which tensors the head reads, where somebody wants to know.
    var uses: WeightUses?
    /// How the head's weight matrices are held in memory.
    var weights = WeightFormat.float32

    /// The head with its weights, all finite. Refuses what `model.json` leaves open.
    func head() throws(ModelError) -> any Head {
        do throws(ModelError) {
            let found = try recognized()
            let report = try found.report()
            guard report.missingKeys.isEmpty else { throw .incomplete(report) }
            return try found.head()
        } catch {
            throw error.located(in: checkpoint.path)
        }
    }

    /// What the head is, from names, shapes and a stored temperature; other weights are not read.
    func report() throws(ModelError) -> HeadReport {
        do throws(ModelError) {
            return try recognized().report()
        } catch {
            throw error.located(in: checkpoint.path)
        }
    }

    private func recognized() throws(ModelError) -> any RecognizedHead {
        let places = HeadPlaces(
            manifest: manifest, checkpoint: checkpoint, uses: uses, weights: weights)
        try places.refuseGaussianProcess()
        if manifest.head?.isHeteroscedastic ?? true {
            let layouts = places.heteroscedastic()
            if let layout = try places.chosen(layouts, prefix: \.tensors.prefix) {
                return HeteroscedasticRecognition(manifest: manifest, layout: layout)
            }
        }
        if manifest.head ?? .dense == .dense {
            if let tensors = try places.chosen(places.jaxDense(), prefix: \.prefix) {
                return JAXDenseRecognition(manifest: manifest, tensors: tensors)
            }
        }
        if let head = MultiHeadRecognition(manifest: manifest, tensors: places.torch).recognized() {
            return head
        }
        throw .unrecognizedHead(path: checkpoint.path, tensors: checkpoint.tensors.map(\.name))
    }
}

/// A head that was found, before its weights are read.
protocol RecognizedHead {
    /// What it is and what is missing; throws where the checkpoint or `model.json` is wrong.
    func report() throws(ModelError) -> HeadReport
    func head() throws(ModelError) -> any Head
}

extension HeadKind {
    fileprivate var isHeteroscedastic: Bool { self == .het || self == .hetXL }
}

extension ModelError {
    /// The refusal of a head whose report has missing keys.
    static func incomplete(_ report: HeadReport) -> ModelError {
        guard report.head == nil else {
            return .missingManifestKeys(
                keys: report.missingKeys, reason: "the checkpoint does not tell")
        }
        let choices = report.choices.map { choice in
            let keys = choice.missingKeys.map { "'\($0)'" }.joined(separator: ", ")
            return "'\(choice.head.rawValue)'" + (keys.isEmpty ? "" : ", with \(keys) as well")
        }
        return .missingManifestKeys(
            keys: report.missingKeys,
            reason: "the weights could be " + choices.joined(separator: ", or "))
    }

    /// The same error with the file it is about, where it does not name one yet.
    func located(in path: String) -> ModelError {
        switch self {
        case .head, .unreadableFile, .manifestSyntax, .unknownManifestKey, .manifestValue,
            .checkpoint, .unrecognizedHead, .labelCount:
            self
        default: .head(path: path, problem: self)
        }
    }
}
