internal import HTTPMessages
internal import Sockets

/// The connections of an event loop, as results find them. Belongs to that loop.
protocol ReplySink: AnyObject {
    /// Takes the result of the work for a request.
    func finish(_ connection: ConnectionID, _ request: RequestID, _ result: WorkResult)
}

/// The way of results to the connections of one event loop. It does not keep them alive.
final class LoopReplies: ReplyTarget {
    private final class Holder {
        weak var sink: (any ReplySink)?
    }

    private let holder: LoopBound<Holder>

    /// Must be called on the loop's thread.
    init(_ loop: EventLoop) { holder = LoopBound(Holder(), to: loop) }

    /// Sends results to the sink from now on; on the loop's thread.
    func connect(to sink: any ReplySink) { holder.withValue { $0.sink = sink } }

    /// On the loop's own thread the result arrives at once; there it may only be sent from the
    /// turn's end, when none of the connection's calls is under way.
    func send(_ connection: ConnectionID, _ request: RequestID, _ result: WorkResult) {
        if holder.isCurrent {
            return holder.withValue { $0.sink?.finish(connection, request, result) }
        }
        holder.execute { $0.sink?.finish(connection, request, result) }
    }
}
