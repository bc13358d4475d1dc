import Foundation
import Testing

@testable import headserve

/// Quotas in trees of files that stand for machines and containers.
@Suite struct ControlGroupTests {
    /// Lines of `/proc/self/mountinfo`, in the form of proc_pid_mountinfo(5).
    static func second(_ root: String, at folder: String) -> String {
        "31 24 0:27 \(root) \(folder) rw,nosuid shared:9 master:4 - cgroup2 cgroup2 rw,nsdelegate\n"
    }

    static func first(_ root: String, at folder: String, _ controllers: String) -> String {
        "34 25 0:30 \(root) \(folder) ro,nosuid - cgroup cgroup rw,\(controllers)\n"
    }

    /// Processors that a tree with these files and their texts grants.
    static func quota(
        groups: String = "", mounts: String = "", _ limits: [String: String]
    ) throws -> Int? {
        let root = NSTemporaryDirectory() + "headserve-groups-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        let texts = ["/proc/self/cgroup": groups, "/proc/self/mountinfo": mounts]
        for (path, text) in texts.merging(limits, uniquingKeysWith: { $1 }) {
            let file = URL(filePath: root + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: false, encoding: .utf8)
        }
        return ControlGroup.processorQuota(SystemFiles(root: root))
    }

    /// The files of version 1 for a folder.
    static func limits(_ folder: String, _ quota: Int, of period: Int) -> [String: String] {
        [
            folder + "/cpu.cfs_quota_us": "\(quota)\n",
            folder + "/cpu.cfs_period_us": "\(period)\n",
        ]
    }

    // MARK: One quota

    @Test(arguments: [
        ("100000 100000\n", 1), ("100001 100000\n", 2), ("99999 100000\n", 1), ("1 100000\n", 1),
        ("250000 100000", 3), ("400000 100000\n", 4), ("50000 1000", 50),
        ("9223372036854775807 1", Int.max), ("9223372036854775807 9223372036854775807", 1),
        ("9223372036854775807 9223372036854775806", 2),
    ])
    func `a share of a processor counts as one`(_ limit: String, _ count: Int) {
        #expect(ControlGroup.quota(limit) == count)
    }

    @Test(arguments: ["max 100000\n", "", "100000\n", "0 100000", "100000 0", "-1 100000", "1 2 3"])
    func `no limit is no count`(_ limit: String) {
        #expect(ControlGroup.quota(limit) == nil)
    }

    // MARK: Version 2

    @Test func `the smallest quota of the own group and its parents counts`() throws {
        let mounts = Self.second("/", at: "/sys/fs/cgroup")
        let names = ["", "/a.slice", "/a.slice/b.scope"]
        for (own, quotas) in [
            (2, [5, 4, 3]), (2, [5, 3, 4]), (2, [3, 4, 5]), (1, [5, 3, 1]), (0, [3, 1, 1]),
        ] {
            var limits: [String: String] = [:]
            for (name, quota) in zip(names, quotas) {
                limits["/sys/fs/cgroup\(name)/cpu.max"] = "\(quota * 100_000) 100000\n"
            }
            let groups = "0::\(names[own].isEmpty ? "/" : names[own])\n"
            #expect(try Self.quota(groups: groups, mounts: mounts, limits) == 3)
        }
    }

    @Test func `a group that is no parent does not count`() throws {
        let limits = [
            "/sys/fs/cgroup/a/cpu.max": "max 100000\n",
            "/sys/fs/cgroup/a/b/cpu.max": "300000 100000\n",
            "/sys/fs/cgroup/a/b/c/cpu.max": "100000 100000\n",
            "/sys/fs/cgroup/a2/cpu.max": "100000 100000\n",
        ]
        let mounts = Self.second("/", at: "/sys/fs/cgroup")
        #expect(try Self.quota(groups: "0::/a/b\n", mounts: mounts, limits) == 3)
        #expect(try Self.quota(groups: "0::/a\n", mounts: mounts, limits) == nil)
        #expect(try Self.quota(groups: "0::/a3\n", mounts: mounts, limits) == nil)
    }

    @Test func `the mount may be anywhere, and its path escaped`() throws {
        let limits = ["/mnt/c g/a:b/cpu.max": "700000 100000\n"]
        let mounts = Self.second("/", at: #"/mnt/c\040g"#)
        #expect(try Self.quota(groups: "0::/a:b\n", mounts: mounts, limits) == 7)
    }

    // MARK: Version 1

    @Test(arguments: ["cpu", "cpu,cpuacct", "cpuacct,cpu"])
    func `the quota of version 1 is that of the cpu controller`(controllers: String) throws {
        let folder = "/cg/\(controllers)"
        var limits = Self.limits(folder + "/a/b", -1, of: 100_000)
        limits.merge(Self.limits(folder + "/a", 150_000, of: 50_000)) { $1 }
        limits.merge(Self.limits("/cg/cpuset/a", 1, of: 1)) { $1 }
        let mounts =
            Self.first("/", at: "/cg/cpuset", "cpuset") + Self.first("/", at: folder, controllers)
        let groups = "3:cpuset:/a\n2:\(controllers):/a/b\n1:name=systemd:/a\n0::/\n"
        #expect(try Self.quota(groups: groups, mounts: mounts, limits) == 3)
    }

    @Test func `a quota without its period is none`() throws {
        let mounts = Self.first("/", at: "/cg/cpu", "cpu")
        let limits = ["/cg/cpu/cpu.cfs_quota_us": "100000\n"]
        #expect(try Self.quota(groups: "1:cpu:/\n", mounts: mounts, limits) == nil)
    }

    @Test func `both versions at once have one smallest quota`() throws {
        let mounts =
            Self.first("/", at: "/sys/fs/cgroup/cpu", "cpu,cpuacct")
            + Self.second("/", at: "/sys/fs/cgroup/unified")
        let groups = "4:cpu,cpuacct:/one\n0::/two\n"
        for (first, second) in [(200_000, 500_000), (500_000, 200_000)] {
            var limits = Self.limits("/sys/fs/cgroup/cpu/one", first, of: 100_000)
            limits["/sys/fs/cgroup/unified/two/cpu.max"] = "\(second) 100000\n"
            #expect(try Self.quota(groups: groups, mounts: mounts, limits) == 2)
        }
    }

    // MARK: Containers

    /// The mount begins with the container's group, by its name on the host.
    @Test func `a mount may begin inside the tree`() throws {
        let mounts = Self.first("/docker/f00", at: "/sys/fs/cgroup/cpu", "cpu")
        for (own, count) in [("/docker/f00", 4), ("/docker/f00/inner", 2)] {
            var limits = Self.limits("/sys/fs/cgroup/cpu", 400_000, of: 100_000)
            limits.merge(Self.limits("/sys/fs/cgroup/cpu/inner", 200_000, of: 100_000)) { $1 }
            #expect(try Self.quota(groups: "7:cpu:\(own)\n", mounts: mounts, limits) == count)
        }
    }

    /// In a cgroup namespace of its own a process sees its group as `/`, while a mount from outside
    /// begins elsewhere.
    @Test(arguments: [("/", "/docker/f00"), ("/", "/.."), ("/x", "/../.."), ("/../x", "/")])
    func `a mount of another namespace counts with its first folder`(
        own: String, root: String
    ) throws {
        let limits = [
            "/cg/cpu.max": "600000 100000\n", "/cg/x/cpu.max": "100000 100000\n",
            "/x/cpu.max": "100000 100000\n",
        ]
        let mounts = Self.second(root, at: "/cg")
        #expect(try Self.quota(groups: "0::\(own)\n", mounts: mounts, limits) == 6)
    }

    @Test(arguments: ["/sys/fs/cgroup", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"])
    func `the usual folders count where no mount is listed`(folder: String) throws {
        #expect(try Self.quota([folder + "/cpu.max": "200000 100000\n"]) == 2)
        #expect(try Self.quota(Self.limits(folder, 200_000, of: 100_000)) == 2)
        #expect(try Self.quota(["/sys/fs/cgroup/memory/cpu.max": "200000 100000\n"]) == nil)
    }

    // MARK: Files that are not there, or strange

    @Test(arguments: [
        "", "\n", "0:/\n", "x", "0::\n", "::::\n", "a b c d e f g h\n", "1 2 3 4 5 6 - cgroup2\n",
        "1 2 3 / /cg rw - cgroup2 cgroup2 rw\n - - - -\n", "1 2 3 \\ \\04 rw - cgroup2 a rw\n",
    ])
    func `lines of another form tell nothing`(text: String) throws {
        #expect(try Self.quota(groups: text, mounts: text, [:]) == nil)
        #expect(try Self.quota(groups: "0::/\n", mounts: text, [:]) == nil)
        #expect(
            try Self.quota(groups: text, mounts: Self.second("/", at: "/cg"), [:]) == nil)
    }

    @Test func `affinity and quota limit the processors together`() throws {
        let root = NSTemporaryDirectory() + "headserve-status-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        for folder in ["/proc/self", "/sys/fs/cgroup"] {
            try FileManager.default.createDirectory(
                atPath: root + folder, withIntermediateDirectories: true)
        }
        for (mask, limit, count) in [
            ("ff", "max 100000", 8), ("ff", "300000 100000", 3), ("3", "300000 100000", 2),
            ("3", "1 100000", 1),
        ] {
            try "Cpus_allowed:\t\(mask)\n".write(
                toFile: root + "/proc/self/status", atomically: false, encoding: .utf8)
            try limit.write(
                toFile: root + "/sys/fs/cgroup/cpu.max", atomically: false, encoding: .utf8)
            #expect(ProcessorCount.available(root: root) == count)
        }
    }
}
