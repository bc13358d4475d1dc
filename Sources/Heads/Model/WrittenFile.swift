internal import Checkpoints
internal import FoundationEssentials

/// Files that a command writes beside what is its user's own.
package enum WrittenFile {
    /// Refuses a path in no folder that takes files, and one of a file that may not be replaced.
    ///
    /// - Parameter isReplaceable: whether the file that stands there may go; not asked elsewhere.
    package static func check(
        _ path: String, isReplaceable: (_ path: String) -> Bool
    ) throws(ModelError) {
        guard FileManager.default.isWritableFile(atPath: place(path).folder) else {
            throw .file(path: path, reason: "no file can be written into its folder")
        }
        guard FileManager.default.fileExists(atPath: path) else { return }
        guard isReplaceable(path) else {
            throw .file(
                path: path,
                reason: "a file of another kind is there already; remove it, or name another place")
        }
    }

    /// Whether two paths are those of one file, be it there or not: one name in one folder,
    /// whatever the folder is called. A link under that name is replaced, not followed.
    package static func areOne(_ left: String, _ right: String) -> Bool {
        let (left, right) = (place(left), place(right))
        guard left.name == right.name, let folder = FileIdentity(path: left.folder) else {
            return false
        }
        return folder == FileIdentity(path: right.folder)
    }

    private static func place(_ path: String) -> (folder: String, name: Substring) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path[...]) }
        return (String(path[...slash]), path[path.index(after: slash)...])
    }

    /// Writes a text, in one step where a file stands there.
    package static func write(_ text: String, to path: String) throws(ModelError) {
        do throws(SafetensorsWriteError) {
            try RegularFile.replace(path, with: Array(text.utf8))
        } catch {
            throw .cannotWrite(error)
        }
    }
}
