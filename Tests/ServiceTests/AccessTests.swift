import Foundation
import HTTPMessages
import Testing

@testable import Service

/// Access, decided from the head of a request.
@Suite struct AccessTests {
    /// The decision about a request with a body.
    private enum Fate: Equatable {
        case taken
        /// Dispatched while its body is short, then refused with the status.
        case takenShort(otherwise: Int)
        case refused(Int)
    }

    private static let open = [
        "GET /health", "GET /health/live", "GET /health/ready", "GET /metrics", "HEAD /metrics",
    ]
    private static let closed = [
        "GET /v1/models", "GET /v1/models/m", "GET /openapi.yaml", "OPTIONS /predict",
    ]
    private static let predictions = ["POST /predict", "POST /v1/models/m:predict"]

    private func fate(
        _ line: String, _ access: Access, from origin: ConnectionOrigin,
        authorization: String? = nil
    ) throws -> Fate {
        let field = authorization.map { "Authorization: \($0)\r\n" } ?? ""
        var parser = RequestParser(limits: HTTPLimits())
        var offset = 0
        let text = Array("\(line) HTTP/1.1\r\nHost: a\r\n\(field)\r\n".utf8)
        let message = try #require(try parser.parse(text.span, at: &offset))
        switch access.verdict(on: message.head, from: origin).decision {
        case .take: return .taken
        case .takeUpTo(let count, let error):
            #expect(count == Access.unreadBodyBytes)
            return .takenShort(otherwise: try error.map(status) ?? 413)
        case .refuse(let error): return .refused(try status(error))
        }
    }

    private func status(_ error: any Error) throws -> Int {
        try #require(error as? Refusal).status
    }

    @Test func `the admin port reaches probes and metrics only`() throws {
        let access = Access(credentials: try Credentials(ServiceOptions()))
        for line in Self.open {
            #expect(try fate(line, access, from: .admin) == .takenShort(otherwise: 413))
        }
        for line in Self.closed + Self.predictions {
            #expect(try fate(line, access, from: .admin) == .takenShort(otherwise: 404))
        }
    }

    @Test func `without settings everybody may do everything`() throws {
        let access = Access(credentials: try Credentials(ServiceOptions()))
        let origin = ConnectionOrigin.service(isVerified: false)
        for line in Self.open + Self.closed + ["OPTIONS *"] {
            #expect(try fate(line, access, from: origin) == .takenShort(otherwise: 413), "\(line)")
        }
        for line in Self.predictions {
            #expect(try fate(line, access, from: origin) == .taken)
        }
    }

    @Test(arguments: [
        ("POST /nothing", 404), ("GET /predict", 405), ("PUT /predict", 405),
        ("POST /health/live", 405), ("POST /v1/models", 405),
    ])
    func `a long body is only taken where it is read`(line: String, status: Int) throws {
        let access = Access(credentials: try Credentials(ServiceOptions()))
        #expect(
            try fate(line, access, from: .service(isVerified: true))
                == .takenShort(otherwise: status))
    }

    @Test func `a client CA asks for a certificate, probes and metrics apart`() throws {
        var options = ServiceOptions()
        options.tlsClientCA = "ca.pem"
        let access = Access(credentials: try Credentials(options))
        for line in Self.open {
            #expect(
                try fate(line, access, from: .service(isVerified: false))
                    == .takenShort(otherwise: 413))
        }
        for line in Self.closed + Self.predictions {
            #expect(try fate(line, access, from: .service(isVerified: false)) == .refused(403))
        }
        #expect(try fate(Self.predictions[0], access, from: .service(isVerified: true)) == .taken)
    }

    @Test func `keys are asked for, probes and metrics apart`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "headserve-keys-\(UUID().uuidString)")
        try Data("sesame\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var options = ServiceOptions()
        options.apiKeyFile = file.path
        let access = Access(credentials: try Credentials(options))
        let origin = ConnectionOrigin.service(isVerified: false)
        for line in Self.open {
            #expect(try fate(line, access, from: origin) == .takenShort(otherwise: 413))
        }
        for line in Self.closed + Self.predictions + ["PUT /predict"] {
            for wrong in [nil, "Bearer sesam", "Bearer sesame2", "Basic sesame"] {
                #expect(try fate(line, access, from: origin, authorization: wrong) == .refused(401))
            }
            let known = try fate(line, access, from: origin, authorization: "Bearer sesame")
            #expect(known != .refused(401))
        }
    }
}
