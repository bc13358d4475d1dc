import Glibc

/// The `process_*` metrics, read from `/proc/self` at each scrape. Those that cannot be read are
/// omitted.
package struct ProcessMetrics: MetricSource {
    private enum Name {
        static let cpu = "process_cpu_seconds_total"
        static let resident = "process_resident_memory_bytes"
        static let virtual = "process_virtual_memory_bytes"
        static let start = "process_start_time_seconds"
        static let threads = "process_threads"
        static let openDescriptors = "process_open_fds"
        static let maxDescriptors = "process_max_fds"
    }

    private let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    private let pageBytes = UInt64(max(1, sysconf(Int32(_SC_PAGESIZE))))
    /// Constant for the life of the process, so read once.
    private let bootTime: UInt64?

    package init() {
        bootTime = ProcFile.text("/proc/stat").flatMap(ProcessStatus.bootTime(stat:))
    }

    package var names: [String] {
        [
            Name.cpu, Name.resident, Name.virtual, Name.start, Name.threads,
            Name.openDescriptors, Name.maxDescriptors,
        ]
    }

    package func write(into text: inout PrometheusText) {
        writeStatus(into: &text)
        // Reading the folder itself opens one more descriptor.
        if let count = ProcFile.entryCount("/proc/self/fd") {
            gauge(Name.openDescriptors, "Open file descriptors.", Double(count - 1), &text)
        }
        let limits = ProcFile.text("/proc/self/limits")
        if let limit = limits.flatMap(ProcessStatus.maxDescriptors(limits:)) {
            gauge(
                Name.maxDescriptors, "File descriptors the process may open.", limit, &text)
        }
    }

    private func writeStatus(into text: inout PrometheusText) {
        let line = ProcFile.text("/proc/self/stat")
        guard let status = line.flatMap(ProcessStatus.init(stat:)) else { return }
        text.header(Name.cpu, help: "User and system CPU time in seconds.", type: Counter.type)
        text.sample(Name.cpu, labels: [], value: Double(status.cpuTicks) / ticksPerSecond)
        let resident = Double(status.residentPages) * Double(pageBytes)
        gauge(Name.resident, "Resident memory in bytes.", resident, &text)
        gauge(Name.virtual, "Virtual memory in bytes.", Double(status.virtualBytes), &text)
        if let bootTime {
            let start = Double(bootTime) + Double(status.startTicks) / ticksPerSecond
            gauge(Name.start, "Start of the process in seconds since 1970.", start, &text)
        }
        gauge(Name.threads, "Threads of the process.", Double(status.threads), &text)
    }

    private func gauge(
        _ name: String, _ help: String, _ value: Double, _ text: inout PrometheusText
    ) {
        text.header(name, help: help, type: Gauge.type)
        text.sample(name, labels: [], value: value)
    }
}
