import HTTPMessages
import HTTPTypes
import Testing

@testable import InferenceAPI
@testable import Service

@Suite struct RequestCheckTests {
    static func headers(_ pairs: [(String, String)]) throws -> HTTPHeaders {
        var headers = HTTPHeaders()
        for (name, value) in pairs {
            try headers.append(try #require(HTTPField.Name(name)), value)
        }
        return headers
    }

    // MARK: Deadlines

    static func deadline(_ text: String?) throws -> UInt64 {
        let headers = try headers(text.map { [("X-Request-Timeout-Ms", $0)] } ?? [])
        return try RequestDeadline.of(headers, arrival: 1_000_000_000, max: 5_000_000_000)
    }

    @Test(arguments: [
        (nil, 6_000_000_000), ("1", 1_001_000_000), ("4999", 5_999_000_000),
        ("5000", 6_000_000_000), ("5001", 6_000_000_000),
        ("18446744073709551615", 6_000_000_000),
    ])
    func `the header shortens the deadline only`(_ text: String?, _ deadline: UInt64) throws {
        #expect(try Self.deadline(text) == deadline)
    }

    @Test(arguments: ["0", "-1", "+1", "1.5", "1e3", "x", "18446744073709551616", "1 2"])
    func `anything but a positive whole number is refused`(_ text: String) {
        #expect {
            _ = try Self.deadline(text)
        } throws: {
            ($0 as? Refusal)?.status == 400
        }
    }

    @Test func `a deadline beyond the clock is never`() throws {
        let found = try RequestDeadline.of(try Self.headers([]), arrival: .max - 1, max: 2)
        #expect(found == .max)
    }

    // MARK: Bodies

    static func format(_ pairs: [(String, String)]) throws -> any WireFormat {
        try BodyType.format(try headers(pairs), of: [JSONBody(), NumPyBody()])
    }

    @Test(arguments: [
        [], [("Content-Type", "application/json")],
        [("Content-Type", "Application/JSON; charset=utf-8")],
        [("Content-Type", "application/x-www-form-urlencoded")],
    ])
    func `JSON bodies are taken`(_ pairs: [(String, String)]) throws {
        #expect(try Self.format(pairs) is JSONBody)
    }

    @Test(arguments: ["application/x-npy", "Application/X-NPY", "application/x-npy ; version=1"])
    func `arrays are taken`(_ type: String) throws {
        #expect(try Self.format([("Content-Type", type)]) is NumPyBody)
    }

    @Test(arguments: [
        ("Content-Type", "text/plain"), ("Content-Type", "application/jsonp"),
        ("Content-Type", "application/octet-stream"), ("Content-Type", ""),
    ])
    func `other bodies are unsupported`(_ name: String, _ value: String) {
        #expect {
            _ = try Self.format([(name, value)])
        } throws: {
            ($0 as? Refusal)?.status == 415
        }
    }
}
