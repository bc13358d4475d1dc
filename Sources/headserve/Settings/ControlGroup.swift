/// The run time that control groups leave this process: its own group and every group above it can
/// have a quota, and the smallest one counts.
///
/// The kernel has two versions of the interface, and a machine may use both at once. Version 2 has
/// one tree of groups with a quota in `cpu.max`; version 1 has a tree for each controller, and that
/// of `cpu` has the quota in `cpu.cfs_quota_us` and `cpu.cfs_period_us`.
enum ControlGroup {
    /// Folders where container runtimes put the files of the process's own group even where the
    /// list of mounts does not have them, as in sandboxes with a `/proc` of their own.
    private static let usualFolders = [
        "/sys/fs/cgroup", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct",
    ]

    /// Processors that the quotas grant, a share of one counting as one; nil if nothing limits
    /// them.
    static func processorQuota(_ files: SystemFiles) -> Int? {
        folders(files).compactMap { quota(in: $0, files) }.min()
    }

    /// Folders of the process's own group and of those above it, as far as they are mounted.
    private static func folders(_ files: SystemFiles) -> [String] {
        let memberships = (files.text("/proc/self/cgroup") ?? "").split(separator: "\n")
            .compactMap(GroupMembership.init)
        let mounts = (files.text("/proc/self/mountinfo") ?? "").split(separator: "\n")
            .compactMap(GroupMount.init)
        var folders = usualFolders
        for mount in mounts {
            for group in memberships where group.version == mount.version {
                folders += mount.folders(of: group.path)
            }
        }
        return folders
    }

    private static func quota(in folder: String, _ files: SystemFiles) -> Int? {
        let second = files.text(folder + "/cpu.max").flatMap(quota)
        let first = files.text(folder + "/cpu.cfs_quota_us").flatMap { quota in
            files.text(folder + "/cpu.cfs_period_us").flatMap { self.quota(quota + " " + $0) }
        }
        return [second, first].compactMap { $0 }.min()
    }

    /// Processors of a quota, rounded up; nil if it is unlimited: `max` in version 2, −1 in
    /// version 1.
    ///
    /// - Parameter limit: microseconds of run time, and of the period.
    static func quota(_ limit: String) -> Int? {
        let fields = limit.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2, let quota = Int(fields[0]), let period = Int(fields[1]),
            quota > 0, period > 0
        else { return nil }
        let (whole, rest) = quota.quotientAndRemainder(dividingBy: period)
        return rest == 0 ? whole : whole + 1
    }
}
