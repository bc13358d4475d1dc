import Checkpoints

/// Why the writer cannot finish, or nil when it can.
func errorOfFinishing(_ writer: consuming SafetensorsWriter) -> SafetensorsWriteError? {
    do throws(SafetensorsWriteError) {
        try writer.finish()
        return nil
    } catch {
        return error
    }
}
