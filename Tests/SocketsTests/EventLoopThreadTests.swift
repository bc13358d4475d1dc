import Dispatch
import Glibc
import Testing

@testable import Sockets

@Suite struct EventLoopThreadTests {
    @Test func `each loop has a thread of its own`() throws {
        let threads = [try EventLoopThread(), try EventLoopThread()]
        defer { for thread in threads { thread.stopAndJoin() } }
        let names = try threads.map { try $0.handle.sync { _ in UInt(pthread_self()) } }
        #expect(Set(names + [UInt(pthread_self())]).count == 3)
        let (first, second) = (threads[0].handle, threads[1].handle)
        let (own, other) = try first.sync { _ in (first.isCurrent, second.isCurrent) }
        #expect(own)
        #expect(!other)
    }

    @Test func `several threads may stop a loop at once`() throws {
        let thread = try EventLoopThread()
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            thread.stopAndJoin()
            #expect(!thread.handle.execute { _ in })
        }
    }

    @Test func `a loop whose thread was not joined runs until a job stops it`() throws {
        var thread: EventLoopThread? = try EventLoopThread()
        let handle = try #require(thread?.handle)
        thread = nil
        let isCurrent = try handle.sync { $0.handle.isCurrent }
        #expect(isCurrent)
        handle.execute { $0.stop() }
        #expect(eventually { !handle.execute { _ in } })
    }

    @Test func `a loop's thread that waits for itself stops the process`() async {
        await #expect(processExitsWith: .failure) {
            let thread = try EventLoopThread()
            try thread.handle.sync { _ in thread.stopAndJoin() }
        }
    }
}
