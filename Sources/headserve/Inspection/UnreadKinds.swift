internal import Checkpoints

/// The tensors of a file that are not read, by their types.
struct UnreadKinds {
    struct Kind: Encodable, Equatable {
        /// A short term, for example `complex64` or `strings`.
        let type: String
        /// The cause for the first of them.
        let reason: String
        /// Tensors of the kind.
        var count = 0
        /// The names of the first few.
        var names: [String] = []
    }

    /// In the order of their first tensors.
    let kinds: [Kind]

    /// Names that a kind lists.
    static let maxNames = 5

    init(_ tensors: [UnreadTensor]) {
        var kinds: [Kind] = []
        var places: [String: Int] = [:]
        for tensor in tensors {
            let place = places[tensor.type] ?? kinds.count
            if place == kinds.count {
                places[tensor.type] = place
                kinds.append(Kind(type: tensor.type, reason: tensor.reason))
            }
            kinds[place].count += 1
            if kinds[place].names.count < Self.maxNames { kinds[place].names.append(tensor.name) }
        }
        self.kinds = kinds
    }
}
