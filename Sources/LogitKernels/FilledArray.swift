extension Array where Element == Float {
    /// An array of `count` floats, all of which `fill` must write: they are uninitialised before.
    /// `fill` is not called for 0 floats: all threads share one empty array, and storing a count in
    /// it, as the initialiser below does, would be a race.
    package init(count: Int, _ fill: (inout MutableSpan<Float>) -> Void) {
        guard count > 0 else {
            self = []
            return
        }
        unsafe self.init(unsafeUninitializedCapacity: count) { buffer, written in
            var span = unsafe MutableSpan(
                _unsafeElements: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            fill(&span)
            written = count
        }
    }
}
