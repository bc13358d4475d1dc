internal import LogitKernels
internal import Synchronization

/// A tensor that a head reads.
struct WeightUse: Sendable, Equatable {
    /// How its numbers are read.
    enum Role: Sendable, Equatable {
        /// As they are: biases, temperatures, small matrices.
        case values
        /// As a matrix whose outputs are its rows (any leading dimensions) or its columns.
        case matrix(PackedWeights.Layout)
    }

    let name: String
    let role: Role
}

/// Which tensors of a checkpoint a head reads, in the order of their first use.
final class WeightUses: Sendable {
    private let uses = Mutex<[WeightUse]>([])

    var all: [WeightUse] { uses.withLock { $0 } }

    func add(_ name: String, _ role: WeightUse.Role) {
        uses.withLock { uses in
            if !uses.contains(where: { $0.name == name }) {
                uses.append(WeightUse(name: name, role: role))
            }
        }
    }
}
