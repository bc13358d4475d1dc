/// One complete request: its head and its whole body.
package struct HTTPRequestMessage: Sendable, Equatable {
    /// The way in which the body's length was announced.
    package enum Framing: Sendable, Equatable {
        /// Neither Content-Length nor Transfer-Encoding: the body is empty.
        case none
        /// Content-Length, equal to `body.count`.
        case contentLength
        /// Transfer-Encoding: chunked; the trailer section was dropped.
        case chunked
    }

    package let head: RequestHead
    /// The body after the transfer coding; a content coding is still on it.
    package let body: [UInt8]

    /// The same request with its body as it is without its content coding.
    package func decoded(to body: [UInt8]) -> HTTPRequestMessage {
        HTTPRequestMessage(head: head, body: body)
    }

    package var framing: Framing {
        switch head.framing {
        case .none: .none
        case .length: .contentLength
        case .chunked: .chunked
        }
    }
}
