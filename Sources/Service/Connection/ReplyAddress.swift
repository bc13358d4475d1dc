internal import HTTPMessages
internal import Sockets

/// Where the answer of a prediction goes, from any thread.
struct ReplyAddress: Sendable {
    let connection: ConnectionID
    let request: RequestID
    let loop: LoopReference

    /// On the loop's own thread the answer arrives at once; there it may only be sent from the
    /// turn's end, when none of the connection's calls is under way.
    func send(_ answer: Answer) {
        if loop.handle.isCurrent {
            loop.service.withValue { $0.finish(connection, request, answer) }
            return
        }
        loop.handle.execute { [self] _ in
            loop.service.withValue { $0.finish(connection, request, answer) }
        }
    }

    /// Tells what became of a request that was read beside the loop.
    func admit(_ outcome: Result<PendingPrediction, Refusal>, _ context: RequestContext) {
        loop.handle.execute { [self] _ in
            loop.service.withValue { $0.admit(connection, request, outcome, context) }
        }
    }

    /// Sends an answer that is counted and coded already.
    func send(_ message: HTTPResponseMessage, _ context: RequestContext) {
        loop.handle.execute { [self] _ in
            loop.service.withValue { $0.send(connection, request, message, context) }
        }
    }
}

/// A loop's service as other threads know it.
struct LoopReference: Sendable {
    let handle: EventLoopHandle
    let service: LoopBound<LoopService>
}
