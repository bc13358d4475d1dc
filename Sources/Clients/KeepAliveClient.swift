internal import Sockets

/// A client for measurements, which sends one request after another over one connection and waits
/// for each answer. It understands HeadServe's answers and no more of HTTP.
package struct KeepAliveClient: ~Copyable {
    private let socket: ClientSocket

    /// Nanoseconds for each send and receive.
    private static let timeout: UInt64 = 30_000_000_000
    private static let maxReceiveBytes = 16 * 1024

    package init(host: String, port: Int) throws(KeepAliveClientError) {
        do {
            socket = try ClientSocket(host: host, port: port, timeout: Self.timeout)
        } catch {
            throw .unreachable("\(error)")
        }
    }

    /// Sends a request and reads its whole answer. Any status but 200 is an error.
    package func exchange(_ request: [UInt8]) throws(KeepAliveClientError) {
        var answer: [UInt8] = []
        do {
            try socket.send(request, timeout: Self.timeout)
            while try !Self.isWhole(answer) {
                let next = try socket.receive(
                    maximum: Self.maxReceiveBytes, timeout: Self.timeout)
                guard !next.isEmpty else { throw KeepAliveClientError.unexpectedEnd }
                answer += next
            }
        } catch let error as KeepAliveClientError {
            throw error
        } catch {
            throw .unreachable("\(error)")
        }
    }

    /// Whether all bytes that an answer's header fields announce have arrived.
    static func isWhole(_ answer: [UInt8]) throws(KeepAliveClientError) -> Bool {
        let end = Array("\r\n\r\n".utf8)
        guard let head = answer.firstRange(of: end) else { return false }
        let lines = String(decoding: answer[..<head.lowerBound], as: UTF8.self)
            .split(separator: "\r\n").map { $0.lowercased() }
        guard let status = lines.first, status.hasPrefix("http/1.1 200") else {
            throw .refused(lines.first ?? "")
        }
        let name = "content-length: "
        guard let length = lines.first(where: { $0.hasPrefix(name) }),
            let byteCount = Int(length.dropFirst(name.count))
        else { throw .refused("an answer without Content-Length") }
        return answer.count - head.upperBound >= byteCount
    }
}

/// A reason why an exchange cannot be measured.
package enum KeepAliveClientError: Error, CustomStringConvertible {
    case unreachable(String)
    case unexpectedEnd
    case refused(String)

    package var description: String {
        switch self {
        case .unreachable(let reason): reason
        case .unexpectedEnd: "the server closed the connection"
        case .refused(let what): "the server answers: \(what)"
        }
    }
}
