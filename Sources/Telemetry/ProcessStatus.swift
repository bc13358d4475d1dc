/// The fields of `/proc/<pid>/stat` that the process metrics need.
struct ProcessStatus: Equatable {
    /// User and system time, in clock ticks.
    let cpuTicks: UInt64
    let threads: UInt64
    /// Clock ticks from boot to the start of the process.
    let startTicks: UInt64
    let virtualBytes: UInt64
    let residentPages: UInt64

    /// Nil if the line does not have the form of `proc(5)`. The command name is in parentheses and
    /// may itself contain spaces and parentheses, so fields are counted from the last parenthesis.
    init?(stat line: String) {
        guard let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: end)...].split(whereSeparator: \.isWhitespace)
        /// The field with a number of proc(5); the first one after the name is number 3.
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

    /// The machine's start in seconds since 1970, from `/proc/stat`.
    static func bootTime(stat text: String) -> UInt64? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "btime" { return UInt64(words[1]) }
        }
        return nil
    }

    /// The soft limit in `/proc/<pid>/limits`; infinity if there is none.
    static func maxDescriptors(limits text: String) -> Double? {
        let label = "Max open files"
        for line in text.split(separator: "\n") where line.hasPrefix(label) {
            let words = line.dropFirst(label.count).split(separator: " ")
            guard let soft = words.first else { return nil }
            return soft == "unlimited" ? .infinity : UInt64(soft).map { Double($0) }
        }
        return nil
    }
}
