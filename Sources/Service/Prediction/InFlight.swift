internal import Batching
internal import Synchronization

/// A queue in which a request's work may wait.
protocol WorkQueue: AnyObject, Sendable {
    /// Takes back work that has not begun; without effect when it is too late for that.
    func withdraw(_ ticket: Ticket)
}

extension TurnExecutor: WorkQueue {
    func withdraw(_ ticket: Ticket) { _ = cancel(ticket) }
}

/// A request in progress: its reply address, its context, and the queue that holds its work.
///
/// The table of its connection owns it until the answer is there or nobody waits for it any more;
/// the work on other threads holds it to see whether that is so. Its stages follow each other in
/// one order, whatever the order in which threads report them.
final class InFlight: Sendable {
    /// The stages of the work, in their order.
    enum Stage: Comparable, Sendable {
        /// The body is decoded off the loop.
        case reading
        /// The rows wait for a batch, or are in one.
        case predicting
        /// The answer is compressed off the loop.
        case coding
    }

    private struct State {
        var context: RequestContext
        var stage = Stage.reading
        var place: Place?
    }

    private struct Place {
        let queue: any WorkQueue
        let ticket: Ticket

        func withdraw() { queue.withdraw(ticket) }
    }

    let reply: ReplyAddress
    let client: ClientID
    /// When the request arrived; monotonic nanoseconds.
    let arrival: UInt64
    private let state: Mutex<State>
    private let isGivenUp = Atomic<Bool>(false)

    init(_ context: RequestContext, reply: ReplyAddress) {
        self.reply = reply
        client = context.key.map(ClientID.key) ?? .connection(reply.connection)
        arrival = context.arrival
        state = Mutex(State(context: context))
    }

    var context: RequestContext { state.withLock { $0.context } }
    var stage: Stage { state.withLock { $0.stage } }

    /// Whether somebody waits for the answer.
    var isWanted: Bool { !isGivenUp.load(ordering: .relaxed) }

    /// Notes facts that become known of the request.
    func note(_ change: (inout RequestContext) -> Void) {
        state.withLock { change(&$0.context) }
    }

    /// Notes the queue in which the work waits, after it was submitted there. Work that was given
    /// up meanwhile is withdrawn; a place from an earlier stage than the current one is ignored.
    func wait(in queue: any WorkQueue, _ ticket: Ticket, _ stage: Stage) {
        let place = Place(queue: queue, ticket: ticket)
        let isLate = state.withLock { state in
            guard stage >= state.stage else { return false }
            state.stage = stage
            state.place = place
            return !isWanted
        }
        if isLate { place.withdraw() }
    }

    /// Notes a stage whose work waits in no queue and so cannot be withdrawn: those who are to do
    /// it look at `isWanted`. Without effect where a later stage was reported.
    func proceed(to stage: Stage) {
        state.withLock { state in
            guard stage >= state.stage else { return }
            state.stage = stage
            state.place = nil
        }
    }

    /// Gives the work up: out of the queue where it still waits, between blocks where it runs.
    func cancel() {
        let place = state.withLock { state in
            isGivenUp.store(true, ordering: .relaxed)
            return state.place
        }
        place?.withdraw()
    }
}
