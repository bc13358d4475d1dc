import Dispatch
import Glibc
import Synchronization

@testable import Service

/// Seconds that a test waits for another thread: none does unless it is about to fail.
let patienceSeconds = 10

/// A door that holds up the thread which sends a result, and with it its queue, until the test
/// opens it.
final class Gate: Sendable {
    private let reached = DispatchSemaphore(value: 0)
    private let opened = DispatchSemaphore(value: 0)

    /// Replies that stop at the door.
    var replies: Replies {
        Replies { [reached, opened] _ in
            reached.signal()
            _ = opened.wait(timeout: .now() + .seconds(patienceSeconds))
        }
    }

    /// Whether a thread has come to the door, within the patience.
    func isReached() -> Bool {
        reached.wait(timeout: .now() + .seconds(patienceSeconds)) == .success
    }

    /// Lets one thread through.
    func open() { opened.signal() }
}

/// Results of work on other threads, for the test's thread to wait for.
final class AwaitedReplies: Sendable {
    struct Late: Error {}

    let replies: Replies
    private let arrived = DispatchSemaphore(value: 0)
    private let taken = Atomic<Int>(0)

    init() { replies = Replies { [arrived] _ in arrived.signal() } }

    /// The next result, in the order of arrival.
    func next() throws -> WorkResult {
        guard arrived.wait(timeout: .now() + .seconds(patienceSeconds)) == .success
        else { throw Late() }
        return replies.all[taken.wrappingAdd(1, ordering: .relaxed).oldValue]
    }

    /// The next result, which is an answer that is not compressed yet.
    func nextAnswer() throws -> Answer {
        guard case .answer(let answer) = try next() else { throw Late() }
        return answer
    }
}

/// Asks again and again, for at most the patience.
func eventually(_ condition: () -> Bool) -> Bool {
    let end = DispatchTime.now() + .seconds(patienceSeconds)
    while DispatchTime.now() < end {
        if condition() { return true }
        sched_yield()
    }
    return false
}
