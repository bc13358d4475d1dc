internal import HTTPMessages
internal import Sockets

/// The end of a piece of work that was done off the loop.
enum WorkResult: Sendable {
    case answer(Answer)
    /// An answer that is counted, and compressed by now.
    case coded(HTTPResponseMessage)
}

/// The receiver of results, as the work on any thread sees it.
protocol ReplyTarget: AnyObject, Sendable {
    /// Hands the result of the work for a request over; without effect when nobody waits for it any
    /// more.
    func send(_ connection: ConnectionID, _ request: RequestID, _ result: WorkResult)
}

/// The connection and request that an answer is for. It names them instead of holding them: a
/// client that has left is not found.
struct ReplyAddress: Sendable {
    let connection: ConnectionID
    let request: RequestID
    let target: any ReplyTarget

    /// Sends a result, from any thread, once for each piece of work.
    func send(_ result: WorkResult) { target.send(connection, request, result) }
}
