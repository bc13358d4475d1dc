internal import HTTPMessages
internal import Sockets

/// Where the answer of a prediction goes, from any thread.
struct ReplyAddress: Sendable {
    let connection: ConnectionID
    let request: RequestID
    let service: LoopBound<LoopService>

    /// On the loop's own thread the answer arrives at once; there it may only be sent from the
    /// turn's end, when none of the connection's calls is under way.
    func send(_ answer: Answer) {
        if service.isCurrent {
            return service.withValue { $0.finish(connection, request, answer) }
        }
        service.execute { [connection, request] in $0.finish(connection, request, answer) }
    }

    /// Tells what became of a request that was read beside the loop.
    func admit(_ outcome: Result<PendingPrediction, Refusal>, _ context: RequestContext) {
        service.execute { [connection, request] in
            $0.admit(connection, request, outcome, context)
        }
    }

    /// Sends an answer that is counted and coded already.
    func send(_ message: HTTPResponseMessage, _ context: RequestContext) {
        service.execute { [connection, request] in
            $0.send(connection, request, message, context)
        }
    }
}
