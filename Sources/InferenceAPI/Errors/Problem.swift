/// The body of an error answer: `application/problem+json`, RFC 9457.
package struct Problem: Sendable, Equatable {
    package static let contentType: StaticString = "application/problem+json"

    /// A URI; `about:blank`: `code` and the status say everything.
    package var type = "about:blank"
    /// The status in words.
    package var title: String
    package var status: Int
    /// The mistake at hand; also written as `error`.
    package var detail: String
    /// Stable, for programs.
    package var code: String
    package var requestID: String
    /// The bad field of a JSON body; left out when there is none.
    package var pointer: JSONPointer?

    package init(
        title: String, status: Int, detail: String, code: String, requestID: String,
        pointer: JSONPointer? = nil
    ) {
        self.title = title
        self.status = status
        self.detail = detail
        self.code = code
        self.requestID = requestID
        self.pointer = pointer
    }

    /// The JSON text.
    package var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", type)
        writer.member("title", title)
        writer.key("status")
        writer.integer(status)
        writer.member("detail", detail)
        writer.member("code", code)
        writer.member("error", detail)
        writer.member("request_id", requestID)
        if let pointer { writer.member("pointer", pointer.text) }
        writer.endObject()
        return writer.bytes
    }
}
