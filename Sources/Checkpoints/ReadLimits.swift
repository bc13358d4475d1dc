/// Bounds on what reading a checkpoint may cost, whatever the file claims.
package struct ReadLimits: Sendable {
    /// Members of a ZIP archive.
    package var members = 1 << 20
    /// Bytes of one inflated member.
    package var memberBytes = 1 << 40
    /// Bytes of a pickle.
    package var pickleBytes = 256 << 20
    /// Instructions of a pickle.
    package var instructions = 20_000_000
    /// Values on a pickle's stack.
    package var stackDepth = 1_000_000
    /// Values a pickle has stored for recall.
    package var memos = 10_000_000
    /// Bytes of one text in a pickle.
    package var textBytes = 16 << 20
    /// Dictionaries inside each other.
    package var nesting = 64
    /// Tensors of a state dict.
    package var tensors = 1 << 20

    /// The defaults above.
    package static let standard = ReadLimits()

    package init() {}
}
