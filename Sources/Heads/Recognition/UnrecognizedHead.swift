internal import Checkpoints

/// A checkpoint in which no head was recognised: what a reader needs to name one in `model.json`.
package struct UnrecognizedHead: Sendable {
    let path: String
    /// Names of all tensors, in file order.
    let names: [String]
    /// The last matrices of the file, in its order.
    let matrices: [HeadPlace]
    let unread: [UnreadTensor]
    /// The way to name the head, or to save it so that it can be named; empty where there is none.
    let advice: String
    /// The one sentence that takes the place of all others, where the defect is known.
    let defect: String?

    /// Matrices that are listed, and names in their place where there is none.
    static let maxListed = 8

    /// The tensors that cannot be read, of which one may be the head's.
    private var beside: String {
        guard !unread.isEmpty else { return "" }
        let listed = unread.prefix(Self.maxListed).map { "'\($0.name)' (\($0.type))" }
        let rest = unread.count > Self.maxListed ? ", …" : ""
        return " and \(unread.count) that are not read, \(listed.joined(separator: ", "))\(rest)"
    }
}

extension UnrecognizedHead: CustomStringConvertible {
    package var description: String {
        guard !names.isEmpty else {
            return "\(path): no head, for it holds no tensors that are read\(beside)"
        }
        if names == [""], let defect { return "\(path): no head, for \(defect)" }
        let found = "\(path): no known head among its \(names.count) tensors\(beside)"
        if let defect { return "\(found). \(defect)" }
        let lookedFor = "Names that are looked for: \(LayerNames.lookedFor)"
        guard !matrices.isEmpty else {
            let first = names.prefix(Self.maxListed).joined(separator: ", ")
            return "\(found), which begin with \(first); none is a matrix. \(lookedFor)"
        }
        return "\(found). Matrices at the end of the file: \(HeadPlace.list(matrices)). "
            + "\(lookedFor).\(advice)"
    }
}
