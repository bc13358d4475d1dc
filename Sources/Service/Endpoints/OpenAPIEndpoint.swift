internal import InferenceAPI

/// `GET /openapi.yaml`.
enum OpenAPIEndpoint {
    @Sendable
    static func answer(_ sources: EndpointSources, _ route: Route) -> EncodedAnswer {
        EncodedAnswer(contentType: "application/yaml", bytes: sources.shared.options.openAPI)
    }
}
