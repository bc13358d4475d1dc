/// The place of a new calibration: in the model's folder, or where the user wants it. An older
/// calibration there is replaced; nothing else is.
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
        try WrittenFile.check(
            path, isReplaceable: { _ in (try? CalibrationFile.read(path)) != nil })
    }

    package func write(_ calibration: Calibration) throws(ModelError) {
        try CalibrationFile.write(calibration, to: path)
    }
}
