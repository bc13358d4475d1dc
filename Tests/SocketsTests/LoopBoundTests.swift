import Testing

@testable import Sockets

@Suite struct LoopBoundTests {
    private final class Probe {
        let handle: EventLoopHandle
        let released: Handover<Bool>

        init(_ handle: EventLoopHandle, _ released: Handover<Bool>) {
            self.handle = handle
            self.released = released
        }

        deinit { released.put(handle.isCurrent) }
    }

    @Test func `a value is released on its loop's thread, wherever the box dies`() throws {
        let thread = try EventLoopThread()
        defer { thread.stopAndJoin() }
        let released = Handover<Bool>()
        var box: LoopBound<Probe>? = try thread.handle.sync { loop in
            LoopBound(Probe(loop.handle, released), to: loop)
        }
        let isThere = try thread.handle.sync { [box] _ in box?.withValue { _ in true } == true }
        #expect(isThere)
        box = nil
        #expect(released.take() == true)
    }

    @Test func `a value of a loop that has ended is released with its box`() throws {
        let thread = try EventLoopThread()
        let released = Handover<Bool>()
        var box: LoopBound<Probe>? = try thread.handle.sync { loop in
            LoopBound(Probe(loop.handle, released), to: loop)
        }
        thread.stopAndJoin()
        #expect(box?.isCurrent == false)
        #expect(released.isEmpty)
        box = nil
        #expect(released.take() == false)
    }

    @Test func `jobs for a value run on its loop's thread, in order and never at once`() throws {
        let thread = try EventLoopThread()
        defer { thread.stopAndJoin() }
        let order = Handover<String>()
        let box = try thread.handle.sync { LoopBound(1, to: $0) }
        #expect(!box.isCurrent)
        let isTaken = box.execute { value in
            #expect(value == 1)
            #expect(box.isCurrent)
            box.execute { _ in order.put("inner") }
            order.put("outer")
        }
        #expect(isTaken)
        #expect(order.take() == "outer")
        #expect(order.take() == "inner")
    }

    @Test func `a job for a value of a loop that has ended is refused`() throws {
        let thread = try EventLoopThread()
        let box = try thread.handle.sync { LoopBound(1, to: $0) }
        thread.stopAndJoin()
        #expect(!box.execute { _ in Issue.record("nothing runs on a loop that has ended") })
    }

    @Test func `a job keeps the box that it needs`() throws {
        let thread = try EventLoopThread()
        defer { thread.stopAndJoin() }
        let ran = Handover<Bool>()
        try thread.handle.sync { LoopBound(1, to: $0) }.execute { ran.put($0 == 1) }
        #expect(ran.take() == true)
    }

    @Test func `a value used outside its thread stops the process`() async {
        await #expect(processExitsWith: .failure) {
            let thread = try EventLoopThread()
            let box = try thread.handle.sync { LoopBound(1, to: $0) }
            _ = box.withValue { $0 }
        }
    }

    @Test func `a value bound outside the loop's thread stops the process`() async {
        await #expect(processExitsWith: .failure) {
            _ = LoopBound(1, to: try EventLoop(clock: { 0 }))
        }
    }
}
