internal import Checkpoints
internal import FoundationEssentials
package import LogitKernels
internal import Predictions

/// A head that can be served: a checkpoint, the settings of its manifest, and the labels' names.
package struct Model: Sendable {
    package let name: String
    package let version: String
    package let head: any Head
    /// One text a class; nil when labels are named by their indices.
    package let labels: [String]?
    /// Lower-case hexadecimal SHA-256 of the checkpoint: see `Checkpoint.digest`.
    package let sha256: String
    /// The format in which its weight matrices are held in memory.
    let weights: WeightFormat
    /// The layers that instances must have passed through before, which the checkpoint has and
    /// which do not run here.
    package var passedThrough: [HeadPlace] = []
    /// The tensors beside the head that have its sizes and are not used.
    package var unused: [HeadPlace] = []
    /// The scores by which it gives prediction sets; nil where it was not calibrated.
    package var calibration: Calibration?
    /// The SHA-256 of the model's files, as a calibration names them.
    package var digests: ModelDigests { ModelDigests(checkpoint: sha256, manifest: manifestSHA256) }
    /// Nil for a lone checkpoint.
    var manifestSHA256: String?
    /// The `expected.npz` in the model's folder, for its self-check; nil where there is none.
    let goldenPath: String?
    /// The head without the temperature that a calibration has fitted, as the author of
    /// `expected.npz` has it; nil where none was. Shares the weights of `head`.
    var unfittedHead: (any Head)?

    /// The format of its weight matrices in memory, by the name that users give it.
    package var weightsName: String { weights.rawValue }

    /// The label of class `index`, below K.
    package func label(_ index: Int) -> String { labels?[index] ?? String(index) }

    /// Loads a checkpoint file, or a folder with a `model.json`, and checks every weight.
    ///
    /// - Parameters:
    ///   - name: the model's name; nil for the folder's or file's stem.
    ///   - weights: the format of its weight matrices in memory; nil keeps them exactly as they are
    ///     stored, which takes float32.
    ///   - maxSamples: the samples that a request may ask for: a manifest that asks for more is
    ///     refused, and one that asks for none gets no more by default.
    ///   - calibration: a calibration of another model, or for a head without one distribution, is
    ///     refused.
    package static func load(
        name: String? = nil, path: String, weights: WeightFormat? = nil, maxSamples: Int? = nil,
        calibration choice: CalibrationChoice = .own
    ) throws(ModelError) -> Model {
        let source = try ModelSource.find(path)
        var (checkpoint, manifest, embeddedLabels) = try source.open()
        if let maxSamples {
            try manifest.limitSamples(to: maxSamples, of: checkpoint.path)
        }
        let sha256 = try checkpoint.modelDigest()
        let found = try source.calibration(
            choice, of: checkpoint, digest: sha256, manifest: manifest)
        manifest.fittedTemperature = found?.calibration.temperature
        let weights = weights ?? .float32
        let recognition = HeadRecognition(
            manifest: manifest, checkpoint: checkpoint, weights: weights)
        let head = try recognition.head()
        try found?.check(head.summary, weights: weights)
        let unfittedHead = try recognition.unfitted(head)
        let report = try recognition.report()
        let ownLabels = try recognition.labels(besides: embeddedLabels)
        return Model(
            name: name ?? defaultName(ofPath: path),
            version: manifest.version ?? ModelManifest.defaultVersion, head: head,
            labels: try source.labels(or: ownLabels, count: head.summary.classCount),
            sha256: sha256, weights: weights,
            passedThrough: report.passedThrough, unused: report.unused,
            calibration: found?.calibration, manifestSHA256: source.manifestDigest,
            goldenPath: source.goldenPath, unfittedHead: unfittedHead)
    }

    /// The name of a model that is given none: the folder's, or the file's stem.
    package static func defaultName(ofPath path: String) -> String { ModelSource.stem(of: path) }
}

/// The files a model consists of.
struct ModelSource {
    let checkpointPath: String
    let manifest: ModelManifest
    /// The folder of files that the manifest names; empty for a lone checkpoint.
    let folder: String
    /// SHA-256 of the bytes of `model.json`; nil for a lone checkpoint.
    var manifestDigest: String?

    /// Bytes of a `model.json`, which usually has a few hundred.
    static let maxManifestBytes = 1 << 20
    /// Bytes of a file of labels: ten million labels of a hundred bytes.
    static let maxLabelBytes = 1 << 30

    static func find(_ path: String) throws(ModelError) -> ModelSource {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw .unreadableFile(path: path, reason: "there is no such file or folder")
        }
        guard isDirectory else {
            return ModelSource(checkpointPath: path, manifest: ModelManifest(), folder: "")
        }
        let manifestPath = path + "/model.json"
        guard FileManager.default.fileExists(atPath: manifestPath) else {
            throw .checkpoint(.folder(path: path, recognized: RecognizedFolder(path: path)))
        }
        let bytes = try read(manifestPath, atMost: maxManifestBytes)
        let manifest = try ModelManifest.parse(bytes, path: manifestPath)
        guard let checkpoint = manifest.checkpoint else {
            throw .missingManifestKeys(
                keys: ["checkpoint"], reason: "a folder's model is the file it names")
        }
        return ModelSource(
            checkpointPath: resolve(checkpoint, in: path), manifest: manifest, folder: path,
            manifestDigest: try digest(of: bytes, manifestPath))
    }

    /// The author's own outputs, where the folder has them.
    var goldenPath: String? {
        let path = folder + "/" + GoldenOutputs.fileName
        return !folder.isEmpty && FileManager.default.fileExists(atPath: path) ? path : nil
    }

    /// The checkpoint, the manifest completed by the checkpoint's own, and the labels that are in
    /// it.
    func open() throws(ModelError) -> (Checkpoint, ModelManifest, embeddedLabels: [String]?) {
        let checkpoint: Checkpoint
        do {
            checkpoint = try Checkpoint.open(checkpointPath)
        } catch {
            // A lone checkpoint was found to be there.
            if error.isMissing(checkpointPath) {
                throw FolderFiles.missing(checkpointPath, key: .checkpoint)
            }
            throw .checkpoint(error)
        }
        let embedded = try EmbeddedModel(checkpoint)
        return (checkpoint, manifest.completed(by: embedded.manifest), embedded.labels)
    }

    /// The file of labels that the manifest names.
    var labelsPath: String? { manifest.labels.map { Self.resolve($0, in: folder) } }

    /// The labels of the file that the manifest names, one a line; else those in the checkpoint.
    func labels(or embedded: [String]?, count: Int) throws(ModelError) -> [String]? {
        guard let path = labelsPath else {
            return try Self.check(embedded, count: count, path: checkpointPath)
        }
        let bytes: [UInt8]
        do throws(ModelError) {
            bytes = try Self.read(path, atMost: Self.maxLabelBytes)
        } catch {
            guard case .checkpoint(let reason) = error, reason.isMissing(path) else { throw error }
            throw FolderFiles.missing(path, key: .labels)
        }
        return try Self.check(
            try LabelText.labels(of: bytes, path: path), count: count, path: path)
    }

    private static func check(
        _ labels: [String]?, count: Int, path: String
    ) throws(ModelError) -> [String]? {
        guard let labels, labels.count != count else { return labels }
        throw .labelCount(path: path, found: labels.count, expected: count)
    }

    /// The last part of a path, without its extension.
    static func stem(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
        var isDirectory = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        return exists && isDirectory ? name : String(name[..<dot])
    }

    private static func digest(
        of bytes: [UInt8], _ path: String
    ) throws(ModelError) -> String {
        do {
            return try RegularFile.digest(of: bytes, path: path)
        } catch {
            throw .checkpoint(error)
        }
    }

    private static func resolve(_ file: String, in folder: String) -> String {
        file.hasPrefix("/") ? file : folder + "/" + file
    }

    private static func read(
        _ path: String, atMost byteLimit: Int
    ) throws(ModelError) -> [UInt8] {
        do {
            return try RegularFile.bytes(of: path, atMost: byteLimit)
        } catch {
            throw .checkpoint(error)
        }
    }
}

extension ModelManifest {
    /// Refuses more samples than a request may ask for.
    fileprivate mutating func limitSamples(
        to limit: Int, of path: String
    ) throws(ModelError) {
        fallbackSamples = min(fallbackSamples, limit)
        guard let samples, samples > limit else { return }
        throw .head(path: path, problem: .misfit(.tooManySamples(found: samples, limit: limit)))
    }
}
