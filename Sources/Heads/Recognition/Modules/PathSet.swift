/// Paths of modules, none at the root, each of which stands for all that lies below it as well.
struct PathSet {
    private let paths: Set<String>
    /// Bytes of the longest.
    private let maxByteCount: Int

    /// Leaves out the root.
    init(_ paths: [String]) {
        self.paths = Set(paths).subtracting([""])
        maxByteCount = self.paths.reduce(0) { max($0, $1.utf8.count) }
    }

    /// Whether the path is one of these or lies below one. The cost does not grow with their
    /// number.
    func holds(_ path: String) -> Bool {
        guard !paths.contains(path) else { return true }
        var start = path
        while !start.isEmpty {
            start = start.parentPath
            if start.utf8.count <= maxByteCount, paths.contains(start) { return true }
        }
        return false
    }
}
