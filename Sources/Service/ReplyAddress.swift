internal import HTTPMessages
internal import Sockets

/// Where the answer of a prediction goes, from any thread.
struct ReplyAddress: Sendable {
    let connection: ConnectionID
    let request: RequestID
    let loop: LoopReference

    func send(_ answer: Answer) {
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
