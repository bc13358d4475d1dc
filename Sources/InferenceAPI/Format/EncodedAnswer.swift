/// An answer as it goes on the wire, but for the fields that every answer has.
package struct EncodedAnswer: Sendable {
    package var status: Int
    /// The status in words, for the status line.
    package var reason: String
    /// Nil for an answer without a body.
    package var contentType: StaticString?
    /// Further header fields, in their order.
    package var fields: [HeaderField] = []
    package var bytes: [UInt8] = []

    package init(
        status: Int = 200, reason: String = "OK", contentType: StaticString?, bytes: [UInt8] = []
    ) {
        self.status = status
        self.reason = reason
        self.contentType = contentType
        self.bytes = bytes
    }

    /// 200 with a JSON text.
    package static func json(_ bytes: [UInt8]) -> EncodedAnswer {
        EncodedAnswer(contentType: "application/json", bytes: bytes)
    }
}

/// A header field whose value is visible ASCII.
package struct HeaderField: Sendable {
    package let name: StaticString
    package let value: String

    package init(_ name: StaticString, _ value: String) {
        self.name = name
        self.value = value
    }
}
