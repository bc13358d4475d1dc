/// Care for overflow before an activation: relu and others make finite values of infinite ones, and
/// the answer would look sound.
enum Overflow {
    /// Applies `activation`; a value that was not finite before is NaN afterwards, so that the
    /// overflow reaches the logits, where it is detected.
    static func keep(
        in values: inout [Float], _ activation: (inout MutableSpan<Float>) -> Void
    ) {
        let lost = values.indices.filter { !values[$0].isFinite }
        var span = values.mutableSpan
        activation(&span)
        for index in lost { values[index] = .nan }
    }
}
