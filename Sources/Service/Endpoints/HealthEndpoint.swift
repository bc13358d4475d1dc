internal import InferenceAPI

/// `GET /health/live`, `GET /health/ready` and `GET /health`.
enum HealthEndpoint {
    @Sendable
    static func live(_ sources: EndpointSources, _ route: Route) -> EncodedAnswer {
        .json(Array(#"{"status":"live"}"#.utf8))
    }

    @Sendable
    static func ready(
        _ sources: EndpointSources, _ route: Route
    ) throws(Refusal) -> EncodedAnswer {
        switch sources.shared.readiness.state {
        case .loading: throw .notReady
        case .draining: throw .draining
        case .ready: break
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("status", "ready")
        writer.key("models")
        writer.beginArray()
        for name in try sources.models().names { writer.string(name) }
        writer.endArray()
        writer.endObject()
        return .json(writer.bytes)
    }
}
