import HTTPMessages
import HTTPTypes

/// What must hold of every request that is taken, whatever it was parsed from.
enum MessageProbe {
    static func check(
        _ message: HTTPRequestMessage, _ limits: HTTPLimits
    ) throws(BrokenPromise) {
        try checkHead(message, limits)
        let isUnread = message.path.hasPrefix("/u") || message.path.hasPrefix("/v")
        let limit = isUnread ? ConnectionOwner.unreadBytes : limits.bodyBytes
        try expect(message.body.count <= limit, "body bytes")
        try expect(!message.path.hasPrefix("/r"), "a refused request")
        try expect(message.framing != .none || message.body.isEmpty, "body without framing")
    }

    /// The same without the body.
    static func checkHead(
        _ message: HTTPRequestMessage, _ limits: HTTPLimits
    ) throws(BrokenPromise) {
        try expect(message.headers.count <= limits.headerCount, "header count")
        try expect(message.path.utf8.count <= limits.targetBytes, "target bytes")
        try expect(message.path.hasPrefix("/") || message.path == "*", "path")
        try expect((message.path + (message.query ?? "")).utf8.allSatisfy(isVisible), "target")
        try expect(message.version == .http10 || message.authority != nil, "no host")
        try checkHeaders(of: message)
    }

    private static func checkHeaders(of message: HTTPRequestMessage) throws(BrokenPromise) {
        var counts: [String: Int] = [:]
        for (name, value) in message.headers.pairs {
            counts[name.lowercased(), default: 0] += 1
            try expect(HTTPField.Name(name) != nil, "name")
            try expect(value.utf8.allSatisfy { $0 == 9 || ($0 >= 32 && $0 != 127) }, "value")
        }
        let lengths = counts["content-length", default: 0]
        let codings = counts["transfer-encoding", default: 0]
        try expect(counts["host", default: 0] <= 1, "hosts")
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
