internal import Checkpoints

/// The place of a new calibration: in the model's folder, where a file of that name is replaced
/// whatever it holds, or where the user wants it, where only an older calibration is.
package struct CalibrationTarget: Sendable {
    package let path: String

    /// Refuses a place that could not be written, before anything is computed.
    ///
    /// - Parameters:
    ///   - model: the path of the model.
    ///   - output: the file that is to be written; nil for the one in the model's folder.
    package init(model: String, output: String?) throws(ModelError) {
        let own = try ModelSource.find(model).calibrationPath
        guard let path = output ?? own else {
            throw .file(
                path: model,
                reason: "the model is a lone file, so its calibration has no place of its own; "
                    + "name one with --output")
        }
        self.path = path
        let isOwn = own.map { WrittenFile.areOne($0, path) } ?? false
        try WrittenFile.check(path) { path in
            // A damaged one is to be made anew, as the refusal to load it says.
            isOwn
                ? FileIdentity(path: path)?.isRegular ?? false
                : (try? CalibrationFile.read(path)) != nil
        }
    }

    /// Refuses a plot in the calibration's place, where it would replace the calibration.
    package func refusePlot(at plot: String) throws(ModelError) {
        guard WrittenFile.areOne(plot, path) else { return }
        throw .file(
            path: plot,
            reason: "the calibration is written there; name another file with --plot")
    }

    package func write(_ calibration: Calibration) throws(ModelError) {
        try CalibrationFile.write(calibration, to: path)
    }
}
