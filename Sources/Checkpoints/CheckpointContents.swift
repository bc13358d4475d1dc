/// The contents of a file, as the reader of its format finds them.
///
/// A reader puts a tensor of a type that is not read into `unread`; damage it throws.
struct CheckpointContents {
    /// In file order, as is `unread`.
    var tensors: [Tensor] = []
    var unread: [UnreadTensor] = []
    /// Those of the unread arrays that hold texts, as arrays of code points.
    var texts: [Tensor] = []
    var attributes: [String: AttributeValue] = [:]
    var metadata: [String: String] = [:]
    /// As in `Checkpoint`, as is `wrapper`.
    var stateDicts: [String] = []
    var wrapper: String?
}

extension CheckpointContents {
    /// The beginning of the names in a module that PyTorch wrapped to train it in parallel.
    static let parallelPrefix = "module."

    /// Takes `parallelPrefix` from the names of all tensors, if all of them have it.
    mutating func stripParallelPrefix() {
        let prefix = Self.parallelPrefix
        guard tensors.allSatisfy({ $0.name.hasPrefix(prefix) }),
            unread.allSatisfy({ $0.name.hasPrefix(prefix) })
        else { return }
        tensors = tensors.map { $0.named(String($0.name.dropFirst(prefix.count))) }
        unread = unread.map { $0.named(String($0.name.dropFirst(prefix.count))) }
    }
}
