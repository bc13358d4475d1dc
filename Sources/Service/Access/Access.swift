internal import HTTPMessages
internal import HTTPTypes

/// The port that a connection came in by, and the credentials its peer has shown.
enum ConnectionOrigin: Sendable, Equatable {
    /// The port of probes and metrics, which has nothing else.
    case admin
    /// The service's own port, and whether the peer's certificate leads to the client CA.
    case service(isVerified: Bool)

    /// The route of a path that can be reached here.
    func route(at path: String) -> Route? {
        guard let route = EndpointTable.find(path), self != .admin || route.endpoint.isOpen
        else { return nil }
        return route
    }
}

/// Access policy: which endpoints need a key or a client certificate. Probes and metrics are for
/// everybody who reaches the port, since kubelet and Prometheus have neither keys nor certificates;
/// everything else asks for all that is set.
struct Access: Sendable {
    /// Bytes of a body that nobody reads, which a stranger can make the server keep: enough for
    /// what a client sends by habit or by mistake, so that it can go on with its connection.
    static let unreadBodyBytes = 16 * 1024

    let credentials: Credentials

    /// Decides at the end of a request's head. Strangers are turned away before they can make the
    /// server keep, or decode, anything; long bodies are taken only where they are read.
    func verdict(on head: RequestHead, from origin: ConnectionOrigin) -> RequestVerdict {
        guard head.path != EndpointTable.wholeServer else {
            return RequestVerdict(.takeUpTo(Self.unreadBodyBytes, otherwise: nil))
        }
        guard let route = origin.route(at: head.path) else {
            let refusal = Refusal.noSuchPath(head.path)
            return RequestVerdict(.takeUpTo(Self.unreadBodyBytes, otherwise: refusal))
        }
        do throws(Refusal) {
            let key = try check(route.endpoint, from: origin, head.headers)
            return RequestVerdict(decision(on: head, to: route.endpoint), route: route.shown(key))
        } catch {
            return RequestVerdict(.refuse(error), route: route)
        }
    }

    private func decision(
        on head: RequestHead, to endpoint: Endpoint
    ) -> RequestVerdict.Decision {
        if endpoint.isPrediction, head.method == .post { return .take }
        let isTaken = endpoint.takes(head.method) || head.method == .options
        return .takeUpTo(
            Self.unreadBodyBytes,
            otherwise: isTaken
                ? nil : Refusal.method(head.method.rawValue, allowed: endpoint.allow))
    }

    /// The key that the request has shown; nil where none is asked for.
    private func check(
        _ endpoint: Endpoint, from origin: ConnectionOrigin, _ headers: HTTPHeaders
    ) throws(Refusal) -> APIKeyID? {
        if endpoint.isOpen { return nil }
        if credentials.requiresClientCertificate, origin != .service(isVerified: true) {
            throw .clientCertificateRequired
        }
        guard let keys = credentials.apiKeys else { return nil }
        guard let key = BearerKey.of(headers) else { throw .keyRequired }
        guard let id = keys.id(of: key) else { throw .unknownKey }
        return id
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
