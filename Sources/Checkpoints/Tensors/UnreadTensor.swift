/// A tensor in the file that nothing here reads, because of its element type or of the way it is
/// stored. No defect of the file: it matters only to a head that needs this tensor.
package struct UnreadTensor: Equatable, Sendable {
    package let name: String
    /// Sizes of the dimensions; nil where the file does not tell in a form that is understood.
    package let shape: [Int]?
    /// A short term for a table, for example `complex64` or `strings`.
    package let type: String
    /// The cause, as a clause without a full stop.
    package let reason: String

    package init(name: String, shape: [Int]?, type: String, reason: String) {
        self.name = name
        self.shape = shape
        self.type = type
        self.reason = reason
    }

    /// The same tensor under another name.
    func named(_ name: String) -> UnreadTensor {
        UnreadTensor(name: name, shape: shape, type: type, reason: reason)
    }
}
