internal import Checkpoints

extension Model {
    /// What a checkpoint file, or a folder with a `model.json`, holds, and which keys `model.json`
    /// must still say. Missing keys are no error here; what `load` would refuse for other reasons
    /// is, except for weights that are not finite: only shapes and a learned temperature are read.
    ///
    /// - Parameter path: as for `load`.
    package static func inspect(path: String) throws(ModelError) -> HeadReport {
        let source = try ModelSource.find(path)
        let (checkpoint, embedded) = try source.open()
        let manifest = source.manifest.completed(by: embedded.manifest)
        return try HeadRecognition(manifest: manifest, checkpoint: checkpoint).report()
    }
}
