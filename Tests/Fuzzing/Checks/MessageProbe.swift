import HTTPMessages
import HTTPTypes

/// Checks of every request that is taken, whatever it was parsed from.
enum MessageProbe {
    static func check(
        _ message: HTTPRequestMessage, _ limits: HTTPLimits
    ) throws(BrokenPromise) {
        try checkHead(message.head, limits)
        try checkFraming(of: message)
        let isUnread = message.head.path.hasPrefix("/u") || message.head.path.hasPrefix("/v")
        let limit = isUnread ? FuzzedConnection.unreadBytes : limits.maxBodyBytes
        try expect(message.body.count <= limit, "body bytes")
        try expect(!message.head.path.hasPrefix("/r"), "a refused request")
        try expect(message.framing != .none || message.body.isEmpty, "body without framing")
    }

    /// The same without the body.
    static func checkHead(_ head: RequestHead, _ limits: HTTPLimits) throws(BrokenPromise) {
        try expect(head.headers.count <= limits.maxHeaderCount, "header count")
        try expect(head.path.utf8.count <= limits.maxTargetBytes, "target bytes")
        try expect(head.path.hasPrefix("/") || head.path == "*", "path")
        try expect((head.path + (head.query ?? "")).utf8.allSatisfy(isVisible), "target")
        let hosts = head.headers.pairs.count { $0.name.lowercased() == "host" }
        try expect(head.version == .http10 ? hosts <= 1 : hosts == 1, "hosts")
        for (name, value) in head.headers.pairs {
            try expect(HTTPField.Name(name) != nil, "name")
            try expect(value.utf8.allSatisfy { $0 == 9 || ($0 >= 32 && $0 != 127) }, "value")
        }
    }

    private static func checkFraming(of message: HTTPRequestMessage) throws(BrokenPromise) {
        let names = message.head.headers.pairs.map { $0.name.lowercased() }
        let lengths = names.count { $0 == "content-length" }
        let codings = names.count { $0 == "transfer-encoding" }
        try expect(lengths + codings <= 1, "framings")
        let framing: HTTPRequestMessage.Framing =
            codings == 1 ? .chunked : lengths == 1 ? .contentLength : .none
        try expect(message.framing == framing, "framing")
    }

    private static func isVisible(_ byte: UInt8) -> Bool { (33...126).contains(byte) }

    private static func expect(_ holds: Bool, _ what: String) throws(BrokenPromise) {
        guard holds else { throw .illegalRequest(what: what) }
    }
}
