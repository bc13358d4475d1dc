/// Activations such as relu make finite values of what overflowed before them, and the answer
/// would look sound.
enum Overflow {
    /// Applies `activation`; what was not finite before it is NaN after it, so that the overflow
    /// reaches the logits, where it is looked for.
    static func keep(
        in values: inout [Float], _ activation: (inout MutableSpan<Float>) -> Void
    ) {
        let lost = values.indices.filter { !values[$0].isFinite }
        var span = values.mutableSpan
        activation(&span)
        for index in lost { values[index] = .nan }
    }
}
