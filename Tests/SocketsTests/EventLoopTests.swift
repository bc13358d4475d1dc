import Clocks
import Dispatch
import Glibc
import Synchronization
import Testing

@testable import Sockets

@Suite struct EventLoopTests {
    @Test func `jobs run on the loop's thread, in order`() throws {
        let thread = try EventLoopThread()
        defer { thread.stopAndJoin() }
        let order = Mutex<[Int]>([])
        #expect(!thread.handle.isCurrent)
        for index in 0..<1000 {
            thread.handle.execute { loop in
                #expect(loop.handle.isCurrent)
                order.withLock { $0.append(index) }
            }
        }
        try thread.handle.sync { _ in }
        #expect(order.withLock { $0 } == Array(0..<1000))
    }

    @Test func `jobs of several threads all run, each thread's in order`() throws {
        let thread = try EventLoopThread()
        defer { thread.stopAndJoin() }
        let seen = Mutex<[[Int]]>(Array(repeating: [], count: 4))
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            for index in 0..<500 {
                thread.handle.execute { _ in seen.withLock { $0[worker].append(index) } }
            }
        }
        try thread.handle.sync { _ in }
        #expect(seen.withLock { $0 } == Array(repeating: Array(0..<500), count: 4))
    }

    @Test func `many waiting jobs wake the loop once`() throws {
        let loop = try EventLoop(clock: { MonotonicClock.now })
        for _ in 0..<100 { loop.handle.execute { _ in } }
        // An eventfd counts the writes since the last read.
        var count: UInt64 = 0
        #expect(unsafe read(loop.handle.descriptor, &count, 8) == 8)
        #expect(count == 1)
        #expect(loop.handle.takeJobs().count == 100)
    }

    @Test func `signals do not put off a timer`() throws {
        // Without a flag that would restart calls; epoll_wait never is.
        signal(SIGUSR1) { _ in }
        let server = try TestServer { connection, log in
            connection.setTimer(at: connection.loop.now + 20_000_000)
            return Echo(log)
        }
        defer { server.stop() }
        let client = try server.connect()
        _ = try server.log.nextAccepted()
        let target = try server.thread.handle.sync { _ in UInt(pthread_self()) }
        // Far more often than the timer's time takes.
        let start = MonotonicClock.now
        while server.log.isEmpty, MonotonicClock.now - start < patience {
            pthread_kill(pthread_t(target), SIGUSR1)
            sched_yield()
        }
        #expect(!server.log.isEmpty && server.log.next() == .timer)
        drop(client)
    }

    @Test func `work put off to a turn's end runs once, after the turn's jobs`() throws {
        let thread = try EventLoopThread()
        defer { thread.stopAndJoin() }
        let order = Mutex<[String]>([])
        let ended = Handover<Void>()
        try thread.handle.sync { loop in
            loop.atTurnEnd {
                order.withLock { $0.append("end") }
                // Put off by an ending: the next turn's, which must not wait for an event.
                loop.atTurnEnd { ended.put(()) }
            }
            order.withLock { $0.append("job") }
        }
        #expect(ended.take() != nil)
        #expect(order.withLock { $0 } == ["job", "end"])
    }

    @Test func `a stopped loop takes no jobs and can be stopped again`() throws {
        let thread = try EventLoopThread()
        thread.stopAndJoin()
        #expect(!thread.handle.execute { _ in Issue.record("a job ran after the stop") })
        thread.stopAndJoin()
        #expect(!thread.handle.isCurrent)
    }

    @Test func `stopping closes every connection and says why`() throws {
        let server = try TestServer { Echo($1) }
        let client = try server.connect()
        #expect(server.log.wait { if case .accepted = $0 { true } else { false } })
        server.stop()
        #expect(server.log.next() == .closed(.loopStopped))
        #expect(try client.receiveAll(limit: 1, timeout: patience).isEmpty)
    }

    /// In a process of its own, since other tests open and close descriptors too.
    @Test func `nothing is left open after the stop`() async {
        await #expect(processExitsWith: .success) {
            func descriptors() -> Int {
                (0..<4096).filter { fcntl(Int32($0), F_GETFD) >= 0 }.count
            }
            let before = descriptors()
            for _ in 0..<20 {
                let server = try TestServer { Echo($1) }
                let client = try server.connect()
                try client.send([1], timeout: patience)
                #expect(try client.receive(maximum: 1, timeout: patience) == [1])
                let other = try server.connect()
                drop(other)
                server.stop()
            }
            // A leak of one descriptor a server would leave 20; the system's own threads hold a
            // few for moments.
            #expect(abs(descriptors() - before) < 10)
        }
    }

    @Test func `jobs that wait at the stop still run, before the connections end`() throws {
        let thread = try EventLoopThread()
        let ran = Mutex(0)
        thread.handle.execute { loop in
            loop.stop()
            for _ in 0..<10 { loop.handle.execute { _ in ran.withLock { $0 += 1 } } }
        }
        thread.stopAndJoin()
        #expect(ran.withLock { $0 } == 10)
    }
}
