internal import Foundation
internal import Glibc

/// How many processors this process may use.
enum ProcessorCount {
    /// The smaller of the affinity mask and the cgroup's quota, at least one.
    static func available() -> Int {
        let affinity = affinity() ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
        guard let quota = quota() else { return affinity }
        return max(1, min(affinity, quota))
    }

    /// Processors in the affinity mask, which Foundation does not look at: one bit each in groups
    /// of hexadecimal digits. Nil where the kernel does not tell.
    private static func affinity() -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: {
                $0.hasPrefix("Cpus_allowed:")
            })
        else { return nil }
        let count = line.drop { $0 != ":" }.compactMap(\.hexDigitValue)
            .reduce(0) { $0 + $1.nonzeroBitCount }
        return count > 0 ? count : nil
    }

    /// Whole processors that cgroup v2's `cpu.max` grants, rounded up; nil when it is unlimited.
    private static func quota() -> Int? {
        guard let text = try? String(contentsOfFile: "/sys/fs/cgroup/cpu.max", encoding: .utf8)
        else { return nil }
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2, let quota = Int(fields[0]), let period = Int(fields[1]),
            quota > 0, period > 0
        else { return nil }
        return (quota + period - 1) / period
    }
}
