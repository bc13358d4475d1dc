internal import InferenceAPI
internal import Telemetry

/// `GET /metrics`.
enum MetricsEndpoint {
    @Sendable
    static func answer(_ sources: EndpointSources, _ route: Route) -> EncodedAnswer {
        EncodedAnswer(contentType: PrometheusText.contentType, bytes: sources.metrics())
    }
}
