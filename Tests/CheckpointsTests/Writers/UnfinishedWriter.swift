import Checkpoints

/// The error that keeps the writer from finishing, or nil when it finishes.
func errorOfFinishing(_ writer: consuming SafetensorsWriter) -> SafetensorsWriteError? {
    do throws(SafetensorsWriteError) {
        try writer.finish()
        return nil
    } catch {
        return error
    }
}
