internal import Foundation

/// Processors that this process may use.
enum ProcessorCount {
    /// The smaller of the affinity mask and the cgroup's quota, at least one.
    static func available() -> Int {
        let affinity =
            contents("/proc/self/status").flatMap(affinity)
            ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
        guard let quota = contents("/sys/fs/cgroup/cpu.max").flatMap(quota) else {
            return affinity
        }
        return max(1, min(affinity, quota))
    }

    private static func contents(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }

    /// Processors in the affinity mask, which Foundation does not look at: one bit each in groups
    /// of hexadecimal digits. Nil where the kernel does not tell.
    ///
    /// - Parameter status: of `/proc/self/status`.
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

    /// Whole processors that cgroup v2 grants, rounded up; nil when it is unlimited.
    ///
    /// - Parameter limit: of `cpu.max`: microseconds and the period that they are for.
    static func quota(_ limit: String) -> Int? {
        let fields = limit.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2, let quota = Int(fields[0]), let period = Int(fields[1]),
            quota > 0, period > 0
        else { return nil }
        return (quota + period - 1) / period
    }
}
