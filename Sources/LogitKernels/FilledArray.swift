extension Array where Element == Float {
    /// `count` floats, every one of which `fill` must write: they hold anything before.
    package init(count: Int, _ fill: (inout MutableSpan<Float>) -> Void) {
        unsafe self.init(unsafeUninitializedCapacity: count) { buffer, written in
            var span = unsafe MutableSpan(
                _unsafeElements: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            fill(&span)
            written = count
        }
    }
}
