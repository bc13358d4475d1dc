/// Paths of modules and tensors: parts between dots, or slashes in files of the JAX code.
extension String {
    var pathParts: [Substring] { split(separator: ".", omittingEmptySubsequences: false) }

    /// The path of the module that a tensor or module belongs to; empty at the root.
    var parentPath: String {
        lastIndex { $0 == "." || $0 == "/" }.map { String(self[..<$0]) } ?? ""
    }

    /// The part behind the last separator.
    var lastPart: String {
        lastIndex { $0 == "." || $0 == "/" }.map { String(self[index(after: $0)...]) } ?? self
    }

    /// The text without `start`, with which its bytes begin.
    func without(_ start: String) -> String {
        String(Substring(utf8.dropFirst(start.utf8.count)))
    }

    /// The path without a separator at its end.
    var trimmedPath: String { hasSuffix(".") || hasSuffix("/") ? String(dropLast()) : self }

    /// Whether the path lies below the module `path`; every one lies below the root.
    func isBelow(_ path: String) -> Bool {
        path.isEmpty || hasPrefix(path + ".") || hasPrefix(path + "/")
    }
}
