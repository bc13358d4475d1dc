internal import Sockets

/// The service as one event loop runs it: its connections, its pipeline and, on the loop that
/// listens, the listeners. Belongs to that loop.
final class LoopService {
    private let loop: EventLoop
    private let connections: ConnectionTable
    let listeners: LoopListeners

    init(_ shared: SharedService, _ bodyReading: BodyReadingQueue, loop: EventLoop) {
        self.loop = loop
        let replies = LoopReplies(loop)
        let desk = RequestDesk(
            EndpointSources(shared, atTurnEnd: loop.atTurnEnd),
            Self.makePipeline(shared, loop), bodyReading)
        connections = ConnectionTable(
            ConnectionServices(shared, desk: desk, replies: replies))
        listeners = LoopListeners(shared, connections, loop: loop)
        replies.connect(to: connections)
    }

    /// With a batch delay, the queue may hold rows past this turn, so nothing is computed inline.
    private static func makePipeline(_ shared: SharedService, _ loop: EventLoop) -> RequestPipeline
    {
        guard shared.options.maxBatchDelay == 0 else { return RequestPipeline(shared) }
        return RequestPipeline(shared, inline: shared.makeInlineBatches(loop.atTurnEnd))
    }

    /// The entrance for clients that another loop's listener accepted.
    var acceptor: LoopBound<Acceptor> {
        LoopBound(Acceptor(loop: loop, accept: listeners.acceptClient), to: loop)
    }

    /// Closes the listener behind those who have connected, lets every connection finish what it
    /// has, then calls `completion`.
    func drain(_ completion: @escaping @Sendable () -> Void) {
        listeners.finish()
        connections.drain(completion)
    }
}
