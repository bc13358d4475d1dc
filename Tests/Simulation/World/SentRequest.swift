import Fixtures

/// One request as a client composes it.
struct SentRequest {
    enum Kind {
        case prediction
        /// Answered at once, without the queue.
        case probe
        case malformed
        /// A prediction that is refused at its head.
        case stranger
    }

    /// The beginning of the paths of strangers.
    static let strangersPath = "/stranger-"

    /// Names the request among all of all clients.
    let name: UInt64
    let kind: Kind
    let rows: Int
    /// Nanoseconds from its arrival.
    let timeout: UInt64
    /// Whether it says that it is the last one.
    let announcesEnd: Bool
    /// Its end in the bytes that its client sends.
    var end = 0

    init(name: UInt64, random: inout SeededRandom) {
        self.name = name
        let draw = Int.random(in: 0..<100, using: &random)
        kind =
            draw < 3 ? .malformed : draw < 15 ? .probe : draw < 18 ? .stranger : .prediction
        rows = Int.random(in: 1...(draw < 20 ? 40 : 6), using: &random)
        let longest: UInt64 = draw % 8 == 0 ? 5_000_000 : 60_000_000
        timeout = UInt64.random(in: 500_000...longest, using: &random)
        announcesEnd = draw >= 92
    }

    var path: String { "\(kind == .stranger ? Self.strangersPath : "/")\(name)" }

    /// The head's result for the rows of a request: each row's own number, mixed, and their sum.
    var digest: UInt64 { Self.digest((0..<rows).map { Self.row(name, $0) }[...]) }

    static func row(_ name: UInt64, _ index: Int) -> UInt64 { name << 8 | UInt64(index) }

    static func digest(_ rows: ArraySlice<UInt64>) -> UInt64 {
        var sum: UInt64 = 0
        for row in rows { sum = (sum ^ row) &* 0x9e37_79b9_7f4a_7c15 }
        return sum
    }

    /// The request on the wire, with its body framed and padded one way or another.
    func bytes(random: inout SeededRandom) -> [UInt8] {
        let close = announcesEnd ? "Connection: close\r\n" : ""
        switch kind {
        case .malformed: return Array("GET / HTTP/1.1\r\nHost : a\r\n\r\n".utf8)
        case .probe: return Array("GET /\(name) HTTP/1.1\r\nHost: a\r\n\(close)\r\n".utf8)
        case .prediction, .stranger: break
        }
        let padding = String(
            repeating: " ", count: Int.random(in: 0..<4, using: &random) == 0 ? 150 : 0)
        let body = "\(name) \(rows) \(timeout)\(padding)"
        let expect = Int.random(in: 0..<8, using: &random) == 0 ? "Expect: 100-continue\r\n" : ""
        let head = "POST \(path) HTTP/1.1\r\nHost: a\r\n\(close)\(expect)"
        if Int.random(in: 0..<3, using: &random) == 0 {
            let length = String(body.utf8.count, radix: 16)
            let chunks = "\(length)\r\n\(body)\r\n0\r\n\r\n"
            return Array("\(head)Transfer-Encoding: chunked\r\n\r\n\(chunks)".utf8)
        }
        return Array("\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    }
}
