/// A problem in a manifest, before the place of the manifest is known.
enum ManifestProblem: Error, Equatable {
    case unknownKey(String, known: [String])
    case value(key: String, expected: String)
    /// A key that stands in two lines, counted from 1; `tensors.weight` is `weight` in `tensors`.
    case repeatedKey(String, first: Int, second: Int)
    case syntax(String)

    func located(in path: String) -> ModelError {
        switch self {
        case .unknownKey(let key, let known):
            .unknownManifestKey(path: path, key: key, known: known)
        case .value(let key, let expected): .manifestValue(path: path, key: key, expected: expected)
        case .repeatedKey(let key, let first, let second):
            .manifestSyntax(
                path: path,
                reason: "'\(key)' stands twice, in "
                    + (first == second ? "line \(first)" : "lines \(first) and \(second)")
                    + "; remove one of them")
        case .syntax(let reason): .manifestSyntax(path: path, reason: reason)
        }
    }
}
