/// The version of the control group interface whose `cpu` controller limits a process.
enum GroupVersion {
    case first, second
}

/// A line of `/proc/self/cgroup`: the group of the process in one tree.
struct GroupMembership {
    let version: GroupVersion
    /// From the top of the tree, or of the process's cgroup namespace.
    let path: String

    /// Nil for trees that have no `cpu` controller.
    ///
    /// - Parameter line: `number:controllers:path`, without controllers in version 2.
    init?(_ line: Substring) {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return nil }
        if fields[1].isEmpty {
            version = .second
        } else if fields[1].split(separator: ",").contains("cpu") {
            version = .first
        } else {
            return nil
        }
        path = String(fields[2])
    }
}

/// A line of `/proc/self/mountinfo` for a tree of groups, or for a part of one.
struct GroupMount {
    let version: GroupVersion
    /// The group that the mount begins with.
    let root: String
    let folder: String

    /// Nil for other file systems and for controllers other than `cpu`.
    ///
    /// - Parameter line: see proc_pid_mountinfo(5). Behind the six fields that are always there
    ///   come optional ones, a hyphen, and type, source and options of the file system.
    init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        guard let end = fields.firstIndex(of: "-"), end >= 6, fields.count >= end + 4 else {
            return nil
        }
        switch fields[end + 1] {
        case "cgroup2": version = .second
        case "cgroup" where fields[end + 3].split(separator: ",").contains("cpu"): version = .first
        default: return nil
        }
        root = Self.unescaped(fields[3])
        folder = Self.unescaped(fields[4])
    }

    /// The folders of a group and of those above it, down from the one that the mount begins with.
    ///
    /// A mount that the group's path does not lead through was made in another cgroup namespace,
    /// whose paths begin elsewhere. Its first folder is what the container's runtime has put there
    /// for this process, so it alone is the answer.
    func folders(of path: String) -> [String] {
        let (own, top) = (path.split(separator: "/"), root.split(separator: "/"))
        guard own.starts(with: top), !own.contains("..") else { return [folder] }
        return own.dropFirst(top.count).reduce(into: [folder]) { folders, name in
            folders.append(folders[folders.count - 1] + "/" + name)
        }
    }

    /// Spaces, tabs, line ends and backslashes stand as a backslash and three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = field.utf8
        while let byte = rest.popFirst() {
            let code = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), code.count == 3,
                let value = UInt8(Substring(code), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
