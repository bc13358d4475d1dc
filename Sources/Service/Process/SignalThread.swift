internal import Glibc
internal import Sockets
internal import Synchronization

/// A thread that waits for the signals that end the process or renew what it has loaded, so that
/// nothing else is interrupted.
package enum SignalThread {
    private static let signals = [SIGTERM, SIGINT, SIGHUP]

    /// Signals that are ignored for good. Writes report their errors, which the first two would
    /// announce. The others mean nothing here, and would end the process: there is no log file to
    /// open anew, and no timer of the process.
    private static let ignored = [SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM]

    /// Keeps the signals from every thread started after this one; to be called before any is.
    package static func block() {
        var set = sigset()
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        for signal in ignored { _ = Glibc.signal(signal, SIG_IGN) }
    }

    /// Calls `receive` with each signal, on a thread of its own.
    static func start(_ receive: @escaping @Sendable (Int32) -> Void) throws(SocketError) {
        let receiver = unsafe Unmanaged.passRetained(SignalReceiver(receive))
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, nil, main, receiver.toOpaque())
        guard code == 0 else {
            unsafe receiver.release()
            throw .system(call: "pthread_create", errno: code)
        }
        pthread_detach(thread)
    }

    fileprivate static func sigset() -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        return set
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        { argument in
            guard let argument = unsafe argument else { return nil }
            unsafe Unmanaged<SignalReceiver>.fromOpaque(argument).takeRetainedValue().run()
        }
}

private final class SignalReceiver: Sendable {
    private let receive: @Sendable (Int32) -> Void

    init(_ receive: @escaping @Sendable (Int32) -> Void) { self.receive = receive }

    func run() -> Never {
        var set = SignalThread.sigset()
        while true {
            var signal: Int32 = 0
            if unsafe sigwait(&set, &signal) == 0 { receive(signal) }
        }
    }
}
