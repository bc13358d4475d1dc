/// The reason why the values of a well-formed `model.json` do not make the head at hand.
package enum ManifestMisfit: Sendable, Equatable, CustomStringConvertible {
    /// Keys that have no effect on this kind of head, each with the purpose it has.
    case useless(keys: [String], head: String, purposes: [String])
    /// Keys whose values make no head together.
    case conflict(keys: [String], reason: String)
    /// `samples` beyond the server's limit for a request.
    case tooManySamples(found: Int, limit: Int)
    /// A softmax over one class.
    case oneClass(advice: String)

    package var description: String {
        switch self {
        case .useless(let keys, let head, let purposes):
            "model.json: "
                + zip(keys, purposes).map { key, purpose in
                    "'\(key)' has no effect on a '\(head)' head: \(purpose)"
                }.joined(separator: "; ") + "; remove \(keys.count == 1 ? "it" : "them")"
        case .conflict(let keys, let reason):
            "model.json: \(keys.map { "'\($0)'" }.joined(separator: ", ")): \(reason)"
        case .tooManySamples(let found, let limit):
            "model.json: 'samples' is \(found), above the limit of \(limit) for a request; lower "
                + "it, or raise --max-samples"
        case .oneClass(let advice):
            "a softmax over one class gives it probability 1 whatever the instance; \(advice)"
        }
    }
}
