/// Code that no checkpoint has a use for.
///
/// Nothing in a pickle is ever run, so safety does not rest on this list, nor need it be complete:
/// it is there so that a user who was handed such a file learns what it is, instead of being served
/// from the weights beside the trap.
enum ForbiddenCode {
    /// Modules of which nothing is wanted, but for names that begin with an underscore, such as the
    /// class of `os.environ`.
    private static let modules: Set<String> = [
        "os", "posix", "nt", "subprocess", "pty", "shutil", "socket", "runpy", "importlib",
        "webbrowser",
    ]
    private static let builtins: Set<String> = [
        "eval", "exec", "execfile", "compile", "__import__", "open", "input", "breakpoint",
    ]
    /// Bytes; longer names are on neither list, and a million of them would take long to compare.
    private static let maxNameBytes = 16

    static func contains(module: String, name: String) -> Bool {
        guard module.utf8.count <= maxNameBytes else { return false }
        switch module {
        case "builtins", "__builtin__":
            return name.utf8.count <= maxNameBytes && builtins.contains(name)
        default:
            return modules.contains(module) && !name.hasPrefix("_")
        }
    }

    /// Refuses a document that refers to any of it. O(nodes).
    static func refuse(
        in document: PickleDocument, path: String
    ) throws(CheckpointError) {
        for node in document.nodes where node.kind == .global || node.kind == .record {
            guard node.name.isForbidden else { continue }
            throw .forbiddenCode(path: path, name: node.name.full)
        }
    }
}
