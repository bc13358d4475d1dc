import Dispatch
import Synchronization

@testable import Sockets

extension EventLoopHandle {
    struct NoResult: Error {}

    /// Runs `body` on the loop's thread and waits for its result.
    @discardableResult
    func result<Result: Sendable>(
        _ body: @escaping @Sendable (EventLoop) throws -> Result
    ) throws -> Result {
        let outcome = Mutex<Swift.Result<Result, any Error>>(.failure(NoResult()))
        let done = DispatchSemaphore(value: 0)
        execute { loop in
            let value = Swift.Result { try body(loop) }
            outcome.withLock { $0 = value }
            done.signal()
        }
        guard done.wait(timeout: .now() + .seconds(patienceSeconds)) == .success
        else { throw NoResult() }
        return try outcome.withLock { try $0.get() }
    }
}
