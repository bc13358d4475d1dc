/// The contents of a file, as the reader of its format finds them.
///
/// A reader puts a tensor of a type that is not read into `unread`; damage it throws.
struct CheckpointContents {
    /// In file order, as is `unread`.
    var tensors: [Tensor] = []
    var unread: [UnreadTensor] = []
    var attributes: [String: AttributeValue] = [:]
    var metadata: [String: String] = [:]
    /// As in `Checkpoint`, as is `wrapper`.
    var stateDicts: [String] = []
    var wrapper: String?
}
