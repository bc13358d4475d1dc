import Testing

@testable import Clients

@Suite struct HealthProbeTests {
    static func status(_ answer: String) throws(HealthProbeError) -> Int {
        try HealthProbe.status(of: Array(answer.utf8))
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\n", 200), ("HTTP/1.1 503\r\nA: b\r\n\r\nbody", 503),
        ("HTTP/1.1 200 OK", 200),
    ])
    func `the status is the second word of the first line`(
        _ answer: String, _ status: Int
    ) throws {
        #expect(try Self.status(answer) == status)
    }

    @Test(arguments: [
        "", "\r\n", "HTTP/1.1\r\n200", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200\r\n",
    ])
    func `what speaks something else has no status`(_ answer: String) {
        #expect(throws: HealthProbeError.self) { try Self.status(answer) }
    }
}
