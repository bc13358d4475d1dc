import Glibc

/// The only place where results of system calls are read: EINTR is retried, errno is read before
/// anything else can change it, and an errno that only a bug in this module can cause stops the
/// process at the bug.
enum SystemCall {
    /// The outcome of a call on a non-blocking descriptor.
    enum Outcome: Equatable {
        case done(Int)
        /// EAGAIN: it would have blocked.
        case wouldBlock
    }

    /// Makes a call that returns −1 on failure; nil if a signal interrupted it.
    @inline(__always)
    static func once(_ name: String, _ call: () -> Int) throws(SocketError) -> Int? {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code == EINTR { return nil }
        precondition(!isOwnBug(code), "\(name) failed with errno \(code)")
        throw .system(call: name, errno: code)
    }

    /// Makes a call that returns −1 on failure, again as long as a signal interrupts it.
    @inline(__always)
    static func retry(_ name: String, _ call: () -> Int) throws(SocketError) -> Int {
        while true {
            if let result = try once(name, call) { return result }
        }
    }

    /// The same for calls that return an `Int32`.
    @inline(__always)
    static func retry32(_ name: String, _ call: () -> Int32) throws(SocketError) -> Int32 {
        Int32(truncatingIfNeeded: try retry(name) { Int(call()) })
    }

    /// The same for a non-blocking descriptor, distinguishing EAGAIN.
    @inline(__always)
    static func attempt(_ name: String, _ call: () -> Int) throws(SocketError) -> Outcome {
        do { return .done(try retry(name, call)) } catch {
            guard case .system(_, let code) = error, code == EAGAIN else { throw error }
            return .wouldBlock
        }
    }

    /// Whether an errno means a closed descriptor or a bad pointer, which only this process can
    /// cause.
    private static func isOwnBug(_ code: Int32) -> Bool { code == EBADF || code == EFAULT }
}
