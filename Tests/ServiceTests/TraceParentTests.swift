import HTTPMessages
import HTTPTypes
import Testing

@testable import Service

/// W3C Trace Context, level 1, §3.2.
@Suite struct TraceParentTests {
    static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    static let later = "01" + trace.dropFirst(2)

    static func found(_ values: String...) throws -> String? {
        var headers = HTTPHeaders()
        for value in values {
            try headers.append(try #require(HTTPField.Name("traceparent")), value)
        }
        return TraceParent.of(headers)
    }

    @Test(arguments: [
        trace, later, later + "-", later + "-more",
        later + "-" + String(repeating: "x", count: 127 - 55 - 1),
        later + "-" + String(repeating: "x", count: 128 - 55 - 1),
        trace.replacing("-01", with: "-ff"),
    ])
    func `a valid one is carried on as it came`(_ text: String) throws {
        #expect(try Self.found(text) == text)
    }

    @Test(arguments: [
        "", "00", String(trace.dropLast()), trace.uppercased(), trace + "0", trace + "-",
        trace + "-more", "00-" + trace, later + "0", later + "-a b",
        later + "-" + String(repeating: "x", count: 129 - 55 - 1),
        trace.replacing("4bf92f", with: "4bf92g"), "ff" + trace.dropFirst(2),
        trace.replacing(
            "4bf92f3577b34da6a3ce929d0e0e4736", with: String(repeating: "0", count: 32)),
        trace.replacing("00f067aa0ba902b7", with: String(repeating: "0", count: 16)),
    ])
    func `any other is dropped`(_ text: String) throws {
        #expect(try Self.found(text) == nil)
    }

    @Test func `of several none is believed`() throws {
        #expect(try Self.found(Self.trace, Self.trace) == nil)
    }
}
