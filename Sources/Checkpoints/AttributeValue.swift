/// A scalar or a list of integers that lies beside the tensors in a checkpoint.
package enum AttributeValue: Equatable, Sendable {
    case int(Int)
    case double(Double)
    case string(String)
    case bool(Bool)
    case ints([Int])
}
