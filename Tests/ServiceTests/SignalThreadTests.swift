import Glibc
import Logs
import Testing

@testable import Service

@Suite struct SignalThreadTests {
    /// In a process of its own, whose limit it is. The signal would end it.
    @Test func `a file that may not grow is counted and ends nothing`() async {
        await #expect(processExitsWith: .success) {
            SignalThread.block()
            let descriptor = unsafe fileno(tmpfile())
            var limit = rlimit(rlim_cur: 4, rlim_max: 4)
            let status = unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            #expect(status == 0)
            let sink = LogSink(descriptor: descriptor)
            // All at once, so that one write has them.
            sink.append("xy\nxy\nxy")
            // A second at a time where the machine is busy.
            for _ in 0..<30 where sink.writeErrorCount == 0 { sink.flush() }
            #expect(sink.writeErrorCount == 1)
            // The first line is there, and half of the second.
            #expect(sink.droppedCount == 2)
        }
    }
}
