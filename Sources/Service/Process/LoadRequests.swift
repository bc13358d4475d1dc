internal import Synchronization

/// The requests for loads of models and credentials, which one place runs: one load runs, and
/// however often another is asked for meanwhile, one more follows.
final class LoadRequests: Sendable {
    private enum State {
        case idle
        case running
        case runningAndAsked
    }

    /// The first load is under way from the start.
    private let state = Mutex(State.running)

    /// Asks for a load. True when the caller is to run it; otherwise it follows the one that runs.
    func ask() -> Bool {
        state.withLock { state in
            defer { state = state == .idle ? .running : .runningAndAsked }
            return state == .idle
        }
    }

    /// A load has ended. True when another is to follow at once.
    func finish() -> Bool {
        state.withLock { state in
            defer { state = state == .runningAndAsked ? .running : .idle }
            return state == .runningAndAsked
        }
    }

    var isUnderWay: Bool { state.withLock { $0 != .idle } }
}
