internal import Dispatch
internal import HTTPMessages

/// Puts the answers of one event loop in the coding that their requests prefer. Belongs to that
/// loop.
final class AnswerCompression {
    /// Bytes of an answer that a loop compresses itself, in less than a millisecond.
    private static let longestInline = 64 * 1024

    /// Longer answers are compressed on a queue, one at a time, so that no connection of the loop
    /// and no batch waits for it.
    private static let queue = DispatchQueue(label: "headserve.compression")

    private let encoder = GzipEncoder()

    /// The answer as it goes out. Nil when compressing it takes so long that it is done elsewhere:
    /// it is then sent to `reply`.
    func coded(
        _ message: HTTPResponseMessage, _ context: RequestContext, _ reply: ReplyAddress
    ) -> HTTPResponseMessage? {
        var message = message
        guard message.varies(with: context.codings) else { return message }
        guard message.body.count <= Self.longestInline else {
            Self.queue.async { [message] in
                var message = message
                if let encoder = GzipEncoder() { message.gzip(with: encoder) }
                reply.send(message, context)
            }
            return nil
        }
        if let encoder { message.gzip(with: encoder) }
        return message
    }
}
