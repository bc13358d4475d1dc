internal import HTTPMessages
internal import HTTPTypes

/// Where a connection comes in, and what its peer has shown.
enum ConnectionOrigin: Sendable, Equatable {
    /// The port of probes and metrics, which has nothing else.
    case admin
    /// The service's own port, and whether the peer's certificate leads to the client CA.
    case service(isVerified: Bool)

    /// The endpoint of a path that can be reached here.
    func route(at path: String) -> Route? {
        guard let route = Route.find(path), self != .admin || route.isOpen else { return nil }
        return route
    }
}

/// Who is answered what. Probes and metrics are for everybody who reaches the port, since kubelet
/// and Prometheus have neither keys nor certificates; everything else asks for all that is set.
struct Access: Sendable {
    /// Bytes of a body that nobody reads, which a stranger can make the server keep: enough for
    /// what a client sends by habit or by mistake, so that it can go on with its connection.
    static let unreadBodyBytes = 16 * 1024

    let secrets: Secrets

    /// Decides at the end of a request's head. Strangers are turned away before they can make the
    /// server keep, or decode, anything; long bodies are taken only where they are read.
    func verdict(on head: HTTPRequestMessage, from origin: ConnectionOrigin) -> HeadVerdict {
        guard head.path != Route.wholeServer else {
            return .takeUpTo(Self.unreadBodyBytes, otherwise: nil)
        }
        guard let route = origin.route(at: head.path) else {
            return .takeUpTo(Self.unreadBodyBytes, otherwise: Refusal.noSuchPath(head.path))
        }
        do throws(Refusal) { try check(route, from: origin, head.headers) } catch {
            return .refuse(error)
        }
        if route.isPredict, head.method == .post { return .take }
        let isTaken = route.takes(head.method) || head.method == .options
        return .takeUpTo(
            Self.unreadBodyBytes,
            otherwise: isTaken
                ? nil : Refusal.method(head.method.rawValue, allowed: route.allowedMethods))
    }

    private func check(
        _ route: Route, from origin: ConnectionOrigin, _ headers: HTTPHeaders
    ) throws(Refusal) {
        if route.isOpen { return }
        if secrets.requiresClientCertificate, origin != .service(isVerified: true) {
            throw .clientCertificateRequired
        }
        guard let keys = secrets.apiKeys else { return }
        guard let key = BearerKey.of(headers) else { throw .keyRequired }
        guard keys.contains(key) else { throw .unknownKey }
    }
}

extension Route {
    /// Whether an endpoint answers without key and certificate, and on the admin port.
    var isOpen: Bool {
        switch self {
        case .live, .ready, .metrics: true
        case .predict, .modelPredict, .models, .model, .openAPI: false
        }
    }
}

extension Refusal {
    /// No challenge of HTTP's could help: certificates belong to the handshake.
    static let clientCertificateRequired = Refusal(
        status: 403, code: "client_certificate_required", title: "Forbidden",
        detail: "the connection was made without a client certificate")

    static let keyRequired = Refusal(
        status: 401, code: "api_key_required", title: "Unauthorized",
        detail: "the request has no Authorization: Bearer header with an API key",
        challenge: #"Bearer realm="headserve""#)

    static let unknownKey = Refusal(
        status: 401, code: "invalid_api_key", title: "Unauthorized",
        detail: "the API key is not known here",
        challenge: #"Bearer realm="headserve", error="invalid_token""#)
}
