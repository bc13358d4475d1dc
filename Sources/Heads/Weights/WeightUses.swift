internal import LogitKernels
internal import Synchronization

/// A tensor that a head reads.
struct WeightUse: Sendable, Equatable {
    /// The way its numbers are read.
    enum Role: Sendable, Equatable {
        /// Numbers read as they are: biases, temperatures, small matrices.
        case values
        /// A matrix whose outputs are its rows (any leading dimensions) or its columns.
        case matrix(PackedWeights.Layout)
    }

    let name: String
    let role: Role
}

/// The tensors of a checkpoint that a head reads, in the order of their first use.
final class WeightUses: Sendable {
    private let uses = Mutex<(all: [WeightUse], names: Set<String>)>(([], []))

    var all: [WeightUse] { uses.withLock { $0.all } }

    func add(_ name: String, _ role: WeightUse.Role) {
        uses.withLock { uses in
            if uses.names.insert(name).inserted {
                uses.all.append(WeightUse(name: name, role: role))
            }
        }
    }
}
