import HTTPMessages
import HTTPTypes
import Testing

@testable import Service

@Suite struct RequestIDTests {
    static func context(_ name: String, _ value: String) throws -> RequestContext {
        var headers = HTTPHeaders()
        try headers.append(try #require(HTTPField.Name(name)), value)
        return RequestIDs().context(of: headers, arrival: 7)
    }

    @Test(arguments: [
        "a", "!~", String(repeating: "x", count: 127), String(repeating: "x", count: 128),
    ])
    func `a valid identifier is kept`(_ text: String) throws {
        #expect(try Self.context("X-Request-Id", text).requestID == text)
    }

    @Test(arguments: [String(repeating: "x", count: 129), "a b", "é", ""])
    func `any other is replaced`(_ text: String) throws {
        let found = try Self.context("x-request-id", text).requestID
        #expect(found != text)
        #expect((1...128).contains(found.utf8.count))
    }

    @Test func `new identifiers are different`() {
        let ids = RequestIDs()
        let found = (0..<1000).map { _ in ids.context(of: nil, arrival: 0).requestID }
        #expect(Set(found).count == 1000)
    }
}
