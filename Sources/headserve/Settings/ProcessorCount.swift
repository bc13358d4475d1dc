internal import Foundation

/// The number of processors that this process may use.
enum ProcessorCount {
    /// The smaller of the affinity mask's count and the cgroup's quota, at least 1.
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

    /// Processors that cgroup v2 grants, rounded up; nil if unlimited.
    ///
    /// - Parameter limit: the contents of `cpu.max`: microseconds of run time and of the period.
    static func quota(_ limit: String) -> Int? {
        let fields = limit.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2, let quota = Int(fields[0]), let period = Int(fields[1]),
            quota > 0, period > 0
        else { return nil }
        return (quota + period - 1) / period
    }
}
