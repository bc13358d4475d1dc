import Predictions
import Testing

@testable import InferenceAPI

/// The labels that a request asks for.
@Suite struct LabelRequestTests {
    static func body(_ labels: String) -> String {
        #"{"instances": [[1,2,3]], "parameters": {"labels": \#(labels)}}"#
    }

    @Test func `labels are indices and names`() throws {
        let request = try decode(Self.body(#"[3, "a\u00e9", 0, "", 18446744073709551615, -1]"#))
        #expect(
            request.parameters.labels == [
                .index(3), .name("aé"), .index(0), .name(""), .index(.max), .index(nil),
            ])
        #expect(try decode(#"{"instances": [[1,2,3]]}"#).parameters.labels.isEmpty)
    }

    @Test func `a query has indices`() throws {
        let query = try QueryParameters("labels=3,0,-7", limits: RequestLimits())
        let labels = try query.parameters(instanceCount: 1).labels
        #expect(labels == [.index(3), .index(0), .index(nil)])
    }

    @Test(arguments: ["labels=", "labels=a", "labels=1,", "labels=1.0"])
    func `a query of anything else is malformed`(_ query: String) {
        #expect {
            _ = try QueryParameters(query, limits: RequestLimits())
        } throws: {
            ($0 as? RequestError).map(Verdict.init) == Verdict(400, "malformed_query", nil)
        }
    }

    @Test(arguments: [(9_999, true), (10_000, true), (10_001, false)])
    func `labels are limited`(count: Int, fits: Bool) throws {
        let list = (0..<count).map(String.init).joined(separator: ",")
        let body = Self.body("[\(list)]")
        if fits {
            #expect(try decode(body).parameters.labels.count == count)
            let query = try QueryParameters("labels=\(list)", limits: RequestLimits())
            #expect(try query.parameters(instanceCount: 1).labels.count == count)
        } else {
            let verdict = Verdict(failure(body))
            #expect(verdict == Verdict(422, "out_of_range", "/parameters/labels"))
            #expect(failure(body)?.description == "/parameters/labels: expected 1 to 10000 labels")
            #expect(throws: RequestError.outOfRange(.query("labels"), .labels(max: 10_000))) {
                try QueryParameters("labels=\(list)", limits: RequestLimits())
            }
        }
    }

    /// The beginning of a longer one could be the name of another label.
    @Test(arguments: -1...1) func `names are read to their limit`(excess: Int) throws {
        let name = String(repeating: "x", count: LabelName.maxBytes + excess)
        let body = Self.body(#"[7, "\#(name)"]"#)
        if excess <= 0 {
            #expect(try decode(body).parameters.labels == [.index(7), .name(name)])
        } else {
            #expect(
                Verdict(failure(body)) == Verdict(422, "unknown_label", "/parameters/labels/1"))
        }
    }
}
