/// The fields of `/proc/<pid>/stat` that the process metrics need.
struct ProcessStatus: Equatable {
    /// User and system time, in clock ticks.
    let cpuTicks: UInt64
    let threads: UInt64
    /// Clock ticks between boot and the start of the process.
    let startTicks: UInt64
    let virtualBytes: UInt64
    let residentPages: UInt64

    /// Nil when the line is not one of `proc(5)`'s. The command name stands in parentheses and may
    /// contain spaces and parentheses itself, so the fields are counted from the last one.
    init?(stat line: String) {
        guard let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: end)...].split(whereSeparator: \.isWhitespace)
        /// `number` counts as in proc(5); the first field behind the name is number 3.
        func field(_ number: Int) -> UInt64? {
            number - 3 < fields.count ? UInt64(fields[number - 3]) : nil
        }
        guard let user = field(14), let system = field(15), let threads = field(20),
            let start = field(22), let virtual = field(23), let resident = field(24)
        else { return nil }
        cpuTicks = user &+ system
        self.threads = threads
        startTicks = start
        virtualBytes = virtual
        residentPages = resident
    }

    /// Seconds since 1970 at which the machine started, from `/proc/stat`.
    static func bootTime(stat text: String) -> UInt64? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "btime" { return UInt64(words[1]) }
        }
        return nil
    }

    /// The soft limit of `/proc/<pid>/limits`; infinity when there is none.
    static func maximumDescriptors(limits text: String) -> Double? {
        let label = "Max open files"
        for line in text.split(separator: "\n") where line.hasPrefix(label) {
            let words = line.dropFirst(label.count).split(separator: " ")
            guard let soft = words.first else { return nil }
            return soft == "unlimited" ? .infinity : UInt64(soft).map { Double($0) }
        }
        return nil
    }
}
