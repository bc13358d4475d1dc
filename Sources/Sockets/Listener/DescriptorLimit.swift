import Glibc

/// The number of descriptors that the process may have open.
package enum DescriptorLimit {
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    /// Raises the limit to the system's maximum for this process. Shells and service managers start
    /// processes with 1024 for the sake of programs that use `select`, which this one does not.
    package static func raise() {
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(resource, &limit)
    }

    /// The number of simultaneous connections, at most `wanted`, that leaves `reserve` descriptors
    /// for everything else. A process with few descriptors keeps half of them for that.
    package static func connections(wanted: Int, reserve: Int) -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return wanted }
        return connections(wanted: wanted, reserve: reserve, of: Int(clamping: limit.rlim_cur))
    }

    static func connections(wanted: Int, reserve: Int, of limit: Int) -> Int {
        min(wanted, max(limit - reserve, limit / 2, 1))
    }
}
