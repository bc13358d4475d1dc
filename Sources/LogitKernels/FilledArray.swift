extension Array where Element == Float {
    /// An array of `count` floats, all of which `fill` must write: they are uninitialised before.
    /// `fill` is not called for 0 floats: all threads share one empty array, and storing a count in
    /// it would be a race.
    package init(count: Int, _ fill: (inout MutableSpan<Float>) -> Void) {
        self = []
        guard count > 0 else { return }
        append(addingCapacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { buffer, written in
                var span = unsafe MutableSpan(
                    _unsafeElements: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                fill(&span)
                written = count
            }
        }
    }
}
