import Foundation
import Testing

@testable import Telemetry

@Suite struct ProcessMetricsTests {
    private func exposition() throws -> Exposition {
        var text = PrometheusText()
        ProcessMetrics().write(into: &text)
        return try Exposition(text.bytes)
    }

    private func value(_ name: String) throws -> Double {
        try #require(try exposition()[name]?.samples.first?.value)
    }

    @Test func `every name is written`() throws {
        #expect(try Set(exposition().metrics.map(\.name)) == Set(ProcessMetrics().names))
    }

    @Test func `values describe this process`() throws {
        let start = try value("process_start_time_seconds")
        let now = Date().timeIntervalSince1970
        // Started after this century's tenth year and, within btime's second, not in the future.
        #expect(start > 1_262_304_000 && start < now + 1)
        #expect(try value("process_resident_memory_bytes") > 1e6)
        #expect(
            try value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes"))
        #expect(try value("process_threads") >= 1)
        #expect(try value("process_cpu_seconds_total") >= 0)
        #expect(try value("process_max_fds") >= value("process_open_fds"))
    }

    /// The kernel's tick is 10 ms; each round works for several, and the first may suffice.
    @Test func `CPU time grows with work`() throws {
        let before = try value("process_cpu_seconds_total")
        var after = before
        var sum = 0.0
        for _ in 0..<100 where after == before {
            for step in 0..<5_000_000 { sum += Double(step).squareRoot() }
            after = try value("process_cpu_seconds_total")
        }
        #expect(sum > 0)
        #expect(after > before)
    }

    @Test func `the command name may contain anything`() throws {
        let line =
            "4242 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 250 50 13 14 20 0 7 18 98765 1048576 33 19"
        let status = try #require(ProcessStatus(stat: line))
        #expect(status.cpuTicks == 300)
        #expect(status.threads == 7)
        #expect(status.startTicks == 98_765)
        #expect(status.virtualBytes == 1_048_576)
        #expect(status.residentPages == 33)
    }

    @Test(arguments: ["", "1 (x)", "1 (x) S 1 2 3", "1 x S", "1 (x) S a b c d e f g h i j k l m n"])
    func `a line that is not a status is refused`(line: String) {
        #expect(ProcessStatus(stat: line) == nil)
    }

    @Test func `boot time and descriptor limit are found`() {
        #expect(ProcessStatus.bootTime(stat: "cpu 1 2\nbtime 1700000000\nx 1\n") == 1_700_000_000)
        #expect(ProcessStatus.bootTime(stat: "cpu 1 2\n") == nil)
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files  1024  4096  files\n"
        #expect(ProcessStatus.maxDescriptors(limits: limits) == 1024)
        let unlimited = "Max open files            unlimited            unlimited      files\n"
        #expect(ProcessStatus.maxDescriptors(limits: unlimited) == .infinity)
        #expect(ProcessStatus.maxDescriptors(limits: "Max open files\n") == nil)
    }

    @Test func `a missing file is nil`() {
        #expect(ProcFile.text("/proc/self/no-such-file") == nil)
        #expect(ProcFile.entryCount("/proc/self/no-such-folder") == nil)
    }
}
