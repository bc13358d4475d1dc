internal import Checkpoints

/// A checkpoint in which no head was recognised: what a reader needs to name one in `model.json`.
package struct UnrecognizedHead: Sendable {
    private let path: String
    /// Names of all tensors, in file order.
    private let names: [String]
    /// The last matrices of the file, in its order.
    private let matrices: [HeadPlace]
    private let unread: [UnreadTensor]

    /// Matrices that are listed, and names in their place where there is none.
    private static let maxListed = 8

    init(_ checkpoint: Checkpoint) {
        path = checkpoint.path
        names = checkpoint.tensors.map(\.name)
        unread = checkpoint.unread
        matrices = checkpoint.tensors.filter { $0.shape.count == 2 }.suffix(Self.maxListed)
            .map { HeadPlace(name: $0.name, shape: $0.shape) }
    }

    /// The tensors that cannot be read, of which one may be the head's.
    private var beside: String {
        guard !unread.isEmpty else { return "" }
        let listed = unread.prefix(Self.maxListed).map { "'\($0.name)' (\($0.type))" }
        let rest = unread.count > Self.maxListed ? ", …" : ""
        return " and \(unread.count) that are not read, \(listed.joined(separator: ", "))\(rest)"
    }

    /// The line of `model.json` that would name the last matrix as the head's weights.
    private var example: String {
        let name = matrices.last?.name ?? ""
        for ending in [".weight", "/kernel"] where name.hasSuffix(ending) {
            return #""prefix": "\#(name.dropLast(ending.count))""#
        }
        return #""tensors": {"weight": "\#(name)"}"#
    }
}

extension UnrecognizedHead: CustomStringConvertible {
    package var description: String {
        guard !names.isEmpty else {
            return "\(path): no head, for it holds no tensors that are read\(beside)"
        }
        let found = "\(path): no known head among its \(names.count) tensors\(beside)"
        let lookedFor = "Names that are looked for: \(LayerNames.lookedFor)"
        guard !matrices.isEmpty else {
            let first = names.prefix(Self.maxListed).joined(separator: ", ")
            return "\(found), which begin with \(first); none is a matrix. \(lookedFor)"
        }
        return "\(found). Matrices at the end of the file: \(HeadPlace.list(matrices)). "
            + "\(lookedFor). If one of them is the head, say in model.json which: "
            + "{\(example), \"head\": \"dense\", …}"
    }
}
