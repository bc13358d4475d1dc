internal import Checkpoints

extension Model {
    /// What a checkpoint file, or a folder with a `model.json`, holds, and which keys `model.json`
    /// must still say. Missing keys are no error here; what `load` would refuse for other reasons
    /// is, except for weights that are not finite: only shapes and a learned temperature are read.
    ///
    /// - Parameter path: as for `load`.
    package static func inspect(path: String) throws(ModelError) -> HeadReport {
        let source = try ModelSource.find(path)
        let checkpoint: Checkpoint
        do {
            checkpoint = try Checkpoint.open(source.checkpointPath)
        } catch {
            throw .checkpoint(error)
        }
        return try HeadRecognition(manifest: source.manifest, checkpoint: checkpoint).report()
    }
}
