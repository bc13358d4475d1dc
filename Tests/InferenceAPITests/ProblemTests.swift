import Foundation
import Testing

@testable import InferenceAPI

extension Problem {
    /// A mistake in a request, as a service would put it.
    fileprivate init(_ error: RequestError, requestID: String) {
        self.init(
            title: error.title, status: error.status, detail: error.description, code: error.code,
            requestID: requestID, pointer: error.pointer)
    }
}

@Suite struct ProblemTests {
    private func object(_ problem: Problem) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(problem.bytes))
        return try #require(value as? [String: Any])
    }

    @Test func `all members are written`() throws {
        let error = try #require(failure(#"{"instances": [[1, 2]]}"#))
        let object = try object(Problem(error, requestID: "r-1"))
        #expect(object["type"] as? String == "about:blank")
        #expect(object["title"] as? String == "Unprocessable Content")
        #expect(object["status"] as? Int == 422)
        #expect(object["detail"] as? String == "/instances/0: expected 3 numbers, found 2")
        #expect(object["error"] as? String == object["detail"] as? String)
        #expect(object["code"] as? String == "wrong_width")
        #expect(object["request_id"] as? String == "r-1")
        #expect(object["pointer"] as? String == "/instances/0")
        #expect(object.count == 8)
    }

    @Test func `a problem without a place has no pointer`() throws {
        let object = try object(Problem(.unknownModel("\"x\"\n"), requestID: "r"))
        #expect(object["pointer"] == nil)
        #expect(object["status"] as? Int == 404)
        #expect(object["detail"] as? String == "there is no model '\"x\"\n'")
    }

    @Test func `the whole document is a place`() throws {
        let error = try #require(failure("[]"))
        #expect(try object(Problem(error, requestID: "r"))["pointer"] as? String == "")
    }
}
