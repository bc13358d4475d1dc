extension Array where Element == Float {
    /// `count` floats, every one of which `fill` must write: they hold anything before. For no
    /// floats it is not called: empty arrays of all threads are one object, and what the initialiser
    /// below stores in it, its count, would be a race.
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
