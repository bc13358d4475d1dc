internal import Clocks
import Glibc
import Synchronization

/// A loop and the thread that it runs on.
package final class EventLoopThread: Sendable {
    package let handle: EventLoopHandle
    /// The thread until it is joined.
    private let thread: Mutex<pthread_t?>

    /// Starts a thread with its own loop.
    package convenience init() throws(SocketError) { try self.init(clock: { MonotonicClock.now }) }

    /// The same with another clock, for tests.
    init(clock: @escaping @Sendable () -> UInt64) throws(SocketError) {
        let loop = try EventLoop(clock: clock)
        handle = loop.handle
        var thread = pthread_t()
        // The thread takes over the only reference to the loop, which is confined from the start.
        let argument = unsafe Unmanaged.passRetained(loop)
        let code = unsafe pthread_create(&thread, nil, Self.main, argument.toOpaque())
        guard code == 0 else {
            unsafe argument.release()
            throw .system(call: "pthread_create", errno: code)
        }
        self.thread = Mutex(thread)
    }

    /// Ends the loop, closing every connection and listener on it, and waits for its thread. Must
    /// not be called on that thread. May be called again, and from several threads at once.
    package func stopAndJoin() {
        precondition(!handle.isCurrent, "a loop's thread cannot wait for itself")
        handle.execute { $0.stop() }
        thread.withLock { thread in
            guard let running = thread else { return }
            pthread_join(running, nil)
            thread = nil
        }
    }

    /// A thread that was not joined runs until the process ends, or a job stops its loop.
    deinit {
        thread.withLock { thread in
            if let running = thread { _ = pthread_detach(running) }
        }
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        { argument in
            guard let argument = unsafe argument else { return nil }
            let loop = unsafe Unmanaged<EventLoop>.fromOpaque(argument).takeRetainedValue()
            loop.run()
            return nil
        }
}
