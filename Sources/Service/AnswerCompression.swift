internal import Dispatch
internal import HTTPMessages

/// Compresses long answers on a queue of its own, one at a time, so that no connection of the
/// loop and no batch waits for it.
enum AnswerCompression {
    /// Bytes of an answer that a loop compresses itself, in less than a millisecond.
    static let longestInline = 64 * 1024

    private static let queue = DispatchQueue(label: "headserve.compression")

    static func begin(_ message: HTTPResponseMessage, _ reply: ReplyAddress) {
        queue.async {
            var message = message
            if let encoder = GzipEncoder() { message.gzip(with: encoder) }
            reply.send(message)
        }
    }
}
