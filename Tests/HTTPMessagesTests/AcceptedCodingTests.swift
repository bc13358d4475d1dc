import HTTPTypes
import Testing

@testable import HTTPMessages

@Suite struct AcceptedCodingTests {
    private func accepted(_ values: [String]) throws -> AcceptedCodings {
        var headers = HTTPHeaders()
        for value in values { try headers.append(.acceptEncoding, value) }
        return AcceptedCodings(of: headers)
    }

    /// RFC 9110 §12.5.3; whether gzip is used, and whether the plain body is refused.
    @Test(
        arguments: [
            ([], false, false), ([""], false, false), (["gzip"], true, false),
            (["GZip"], true, false), (["x-gzip"], true, false), (["br"], false, false),
            (["gzip, deflate, br"], true, false), (["br", "gzip"], true, false),
            (["gzip;q=0"], false, false), (["gzip;q=0.0"], false, false),
            (["gzip;q=0.001"], true, false), (["gzip;q=1.000"], true, false),
            (["gzip ; q=0.5"], true, false), (["gzip;Q=0.5"], true, false),
            (["*"], true, false), (["*;q=0"], false, true), (["*;q=0, gzip"], true, true),
            (["*;q=0, identity"], false, false), (["*;q=0.5, gzip;q=0"], false, false),
            (["identity;q=0"], false, true), (["identity;q=0, gzip"], true, true),
            (["identity;q=0, *"], true, true), (["identity, gzip"], true, false),
            (["identity, gzip;q=0.9"], false, false), (["identity;q=0.5, gzip;q=0.9"], true, false),
            (["gzip;q=0, gzip"], false, false), (["gzip, gzip;q=0"], true, false),
            // Members that violate the grammar are ignored.
            (["gzip;q=2"], false, false), (["gzip;q=1.001"], false, false),
            (["gzip;q=0.0001"], false, false), (["gzip;q="], false, false),
            (["gzip;q=-1"], false, false), (["gzip;q=.5"], false, false),
            (["gzip;x=1"], false, false), (["gzip;q=1;x"], false, false), ([";q=1"], false, false),
            (["gz ip"], false, false), ([",,gzip,"], true, false), (["gzip;"], false, false),
        ] as [([String], Bool, Bool)])
    func `codings are chosen by weight`(
        values: [String], prefersGzip: Bool, refusesIdentity: Bool
    ) throws {
        let found = try accepted(values)
        #expect(found.prefersGzip == prefersGzip)
        #expect(found.refusesIdentity == refusesIdentity)
    }

    private func answer(_ count: Int) -> HTTPResponseMessage {
        HTTPResponseMessage(status: .ok, body: [UInt8](repeating: 65, count: count))
    }

    @Test(arguments: [
        (1023, "gzip", false, false), (1024, "gzip", false, false), (1025, "gzip", true, true),
        (1025, "gzip;q=0", false, true), (1, "gzip, identity;q=0", true, true),
        (0, "gzip, identity;q=0", false, false),
    ])
    func `answers above 1 KiB vary, and go as the client prefers`(
        count: Int, value: String, isCoded: Bool, varies: Bool
    ) throws {
        var message = answer(count)
        let wasCoded = message.varies(with: try accepted([value]))
        #expect(wasCoded == isCoded)
        #expect(message.headers[.vary] == (varies ? "Accept-Encoding" : nil))
    }

    @Test func `a coded answer has its coding and its own length`() throws {
        var message = answer(5000)
        let encoder = try #require(GzipEncoder())
        message.gzip(with: encoder)
        #expect(message.headers[.contentEncoding] == "gzip")
        #expect(message.body.count < 100)
        let driver = ConnectionDriver()
        driver.receive("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for id in driver.asked { driver.respond(id, body: message.body) }
        #expect(driver.text.components("Content-Length: \(message.body.count)\r\n") == 2)
    }
}
