import HTTPTypes
import Testing

@testable import HTTPMessages
@testable import Service

@Suite struct HeavyRequestTests {
    private func message(bytes: Int, coding: String? = nil) throws -> HTTPRequestMessage {
        var headers = HTTPHeaders()
        if let coding { try headers.append(.contentEncoding, coding) }
        return HTTPRequestMessage(
            method: .post, path: "/predict", version: .http11, headers: headers,
            framing: .contentLength, body: [UInt8](repeating: 0, count: bytes))
    }

    @Test(arguments: -1...1) func `a long body is read beside the loop`(excess: Int) throws {
        #expect(HeavyRequests.take(try message(bytes: (1 << 20) + excess)) == (excess > 0))
    }

    @Test(arguments: ["gzip", "deflate", "br"])
    func `so is a coded one of any length`(coding: String) throws {
        #expect(HeavyRequests.take(try message(bytes: 1, coding: coding)))
    }

    @Test func `an empty body is no work`() throws {
        #expect(!HeavyRequests.take(try message(bytes: 0)))
    }
}
