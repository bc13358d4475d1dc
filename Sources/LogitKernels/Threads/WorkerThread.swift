import Glibc

/// A POSIX thread that runs one closure and can be joined.
struct WorkerThread: Sendable {
    private let handle: pthread_t

    /// Nil if the system refuses another thread.
    init?(_ body: @escaping @Sendable () -> Void) {
        let context = unsafe Unmanaged.passRetained(ThreadBody(run: body))
        var handle = pthread_t()
        let failure = unsafe pthread_create(
            &handle, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard failure == 0 else {
            unsafe context.release()
            return nil
        }
        self.handle = handle
    }

    /// Waits until the thread ends. May be called once.
    func join() { pthread_join(handle, nil) }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(run: @escaping @Sendable () -> Void) { self.run = run }
}
