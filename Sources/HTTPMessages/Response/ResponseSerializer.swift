internal import ByteText
import HTTPTypes

/// Serializes answers as HTTP/1.1.
package enum ResponseSerializer {
    /// The answer's statement about the connection's future.
    package enum Connection: Sendable, Equatable {
        /// Kept, without a header: the default of HTTP/1.1.
        case persistent
        /// Kept, with the header that HTTP/1.0 clients need.
        case keepAlive
        case close
    }

    /// Usual bytes of a head beside its fields: status line, Date, Content-Length and Connection.
    static let typicalOverhead = 160

    /// Appends the status line and the header section with Date, Content-Length and, if needed,
    /// Connection. Content-Length is omitted only where it is forbidden (204).
    package static func appendHead(
        of response: HTTPResponseMessage, connection: Connection, date: HTTPDate,
        to output: inout [UInt8]
    ) {
        output.append(literal: "HTTP/1.1 ")
        output.append(decimal: UInt64(response.status.code), width: 3)
        output.append(Grammar.space)
        output.append(contentsOf: response.status.reasonPhrase.utf8)
        output.appendLineEnd()
        response.headers.serialize(into: &output)
        output.append(literal: "Date: ")
        output.append(contentsOf: date.bytes)
        output.appendLineEnd()
        if response.status.code != 204 {
            output.append(literal: "Content-Length: ")
            output.append(decimal: UInt64(response.body.count))
            output.appendLineEnd()
        }
        switch connection {
        case .persistent: break
        case .keepAlive: output.append(literal: "Connection: keep-alive\r\n")
        case .close: output.append(literal: "Connection: close\r\n")
        }
        output.appendLineEnd()
    }

    /// Whether the answer's body is sent: not for HEAD, 204 and 304 (RFC 9110 §6.4.1).
    package static func sendsBody(_ response: HTTPResponseMessage, isHead: Bool) -> Bool {
        !isHead && response.status.code != 204 && response.status.code != 304
    }

    /// The interim answer to `Expect: 100-continue`.
    package static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}
