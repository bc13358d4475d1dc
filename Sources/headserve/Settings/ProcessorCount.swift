internal import Foundation

/// The number of processors that this process may use.
enum ProcessorCount {
    /// The smaller of the affinity mask's count and the cgroups' quota, at least 1.
    ///
    /// - Parameter root: the folder in the place of `/`, for trees of files that stand for a
    ///   machine's.
    static func available(root: String = "") -> Int {
        let files = SystemFiles(root: root)
        let affinity =
            files.text("/proc/self/status").flatMap(affinity)
            ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
        guard let quota = ControlGroup.processorQuota(files) else { return affinity }
        return max(1, min(affinity, quota))
    }

    /// Processors in the affinity mask, one bit each in groups of hexadecimal digits; nil if the
    /// kernel does not say. Foundation's processor count ignores the mask.
    ///
    /// - Parameter status: the contents of `/proc/self/status`.
    static func affinity(_ status: String) -> Int? {
        guard
            let line = status.split(separator: "\n").first(where: {
                $0.hasPrefix("Cpus_allowed:")
            })
        else { return nil }
        let count = line.drop { $0 != ":" }.compactMap(\.hexDigitValue)
            .reduce(0) { $0 + $1.nonzeroBitCount }
        return count > 0 ? count : nil
    }
}

/// Texts that the kernel keeps under `/proc` and `/sys`.
struct SystemFiles {
    /// The folder in the place of `/`; empty for the machine's own.
    let root: String

    /// Nil where there is no such file, or none that may be read.
    func text(_ path: String) -> String? {
        try? String(contentsOfFile: root + path, encoding: .utf8)
    }
}
