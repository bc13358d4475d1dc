internal import Synchronization

/// Whether the service may be sent requests.
package final class Readiness: Sendable {
    package enum State: UInt8, Sendable, AtomicRepresentable {
        /// Models are being loaded and checked.
        case loading
        case ready
        /// The process is on its way out.
        case draining
    }

    private let current = Atomic<State>(.loading)

    package init() {}

    package var state: State { current.load(ordering: .acquiring) }

    /// Loading is over; a drain that has begun meanwhile stands.
    package func becomeReady() {
        _ = current.compareExchange(
            expected: .loading, desired: .ready, ordering: .acquiringAndReleasing)
    }

    /// Answers what the state was, so that exactly one caller acts on each.
    package func beginDrain() -> State {
        current.exchange(.draining, ordering: .acquiringAndReleasing)
    }
}
