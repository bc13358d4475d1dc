internal import Sockets

/// A request for a server's readiness, over one connection.
package struct HealthProbe: Sendable {
    private let host: String
    private let port: Int
    private let timeout: UInt64
    private let certificate: String?

    /// HeadServe's answers are a few hundred bytes; a longer one comes from another server.
    private static let maxAnswerBytes = 64 * 1024
    private static let request = Array(
        "GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)

    /// - Parameters:
    ///   - host: an address or name; `::` and `0.0.0.0` mean this machine.
    ///   - port: the port that the server answers probes on.
    ///   - certificate: the file of the server's certificate, which is trusted with any name and
    ///     dates; nil for a server that speaks clear text. No client certificate is sent, as
    ///     probes need none.
    ///   - timeout: seconds for each step.
    package init(host: String, port: Int, certificate: String? = nil, timeout: UInt64) {
        let wildcards = ["::": "::1", "0.0.0.0": "127.0.0.1"]
        self.host = wildcards[host] ?? host
        self.port = port
        self.certificate = certificate
        let (nanoseconds, overflow) = timeout.multipliedReportingOverflow(by: 1_000_000_000)
        self.timeout = overflow ? .max : nanoseconds
    }

    /// The status of `GET /health/ready`.
    package func status() throws(HealthProbeError) -> Int {
        let answer: [UInt8]
        do {
            answer = try exchange()
        } catch {
            throw .unreachable("\(error)")
        }
        return try Self.status(of: answer)
    }

    /// The status in an answer's first line.
    static func status(of answer: [UInt8]) throws(HealthProbeError) -> Int {
        let words = answer.prefix { $0 != UInt8(ascii: "\r") }.split(separator: UInt8(ascii: " "))
        guard words.count >= 2, words[0] == ArraySlice("HTTP/1.1".utf8),
            let status = Int(String(decoding: words[1], as: UTF8.self))
        else { throw .notHTTP }
        return status
    }

    /// Sends the request and returns the answer's bytes. Where IPv6 is off, a dual-stack server
    /// falls back to IPv4, and so does its probe.
    private func exchange() throws(SocketError) -> [UInt8] {
        do throws(SocketError) {
            return try exchange(with: host)
        } catch {
            guard host == "::1", case .system = error else { throw error }
            return try exchange(with: "127.0.0.1")
        }
    }

    private func exchange(with host: String) throws(SocketError) -> [UInt8] {
        let limit = Self.maxAnswerBytes
        guard let certificate else {
            let socket = try ClientSocket(host: host, port: port, timeout: timeout)
            try socket.send(Self.request, timeout: timeout)
            return try socket.receiveAll(limit: limit, timeout: timeout)
        }
        let socket = try TLSClientSocket.connect(
            host: host, port: port, trusting: certificate, timeout: timeout)
        try socket.send(Self.request, timeout: timeout)
        return try socket.receiveAll(limit: limit, timeout: timeout)
    }
}

/// A reason why a probe has no status.
package enum HealthProbeError: Error, CustomStringConvertible {
    case unreachable(String)
    case notHTTP

    package var description: String {
        switch self {
        case .unreachable(let reason): reason
        case .notHTTP: "what answers there does not speak HTTP/1.1"
        }
    }
}
