import Testing

@testable import HTTPMessages
@testable import Service

@Suite struct BodyReadingQueueTests {
    private func message(bytes: Int, coding: String? = nil) throws -> HTTPRequestMessage {
        let field = coding.map { "Content-Encoding: \($0)\r\n" } ?? ""
        return try Requests.message(
            "POST /predict", field, body: [UInt8](repeating: 0, count: bytes))
    }

    @Test(arguments: -1...1) func `a long body is read beside the loop`(excess: Int) throws {
        #expect(BodyReadingQueue.takes(try message(bytes: (1 << 20) + excess)) == (excess > 0))
    }

    @Test(arguments: ["gzip", "deflate", "br"])
    func `so is a coded one of any length`(coding: String) throws {
        #expect(BodyReadingQueue.takes(try message(bytes: 1, coding: coding)))
    }

    @Test func `an empty body is no work`() throws {
        #expect(!BodyReadingQueue.takes(try message(bytes: 0)))
    }
}
