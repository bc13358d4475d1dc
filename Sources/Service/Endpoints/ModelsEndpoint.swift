internal import InferenceAPI

/// `GET /v1/models` and `GET /v1/models/{model}`.
enum ModelsEndpoint {
    @Sendable
    static func list(
        _ sources: EndpointSources, _ route: Route
    ) throws(Refusal) -> EncodedAnswer {
        var bytes = Array(#"{"models":["#.utf8)
        for (index, model) in try sources.models().models.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: model.description)
        }
        bytes.append(contentsOf: "]}".utf8)
        return .json(bytes)
    }

    @Sendable
    static func one(
        _ sources: EndpointSources, _ route: Route
    ) throws(Refusal) -> EncodedAnswer {
        let models = try sources.models()
        guard let model = models.model(named: route.model) else {
            throw Refusal(.unknownModel(route.model ?? "", known: models.names))
        }
        return .json(model.description)
    }
}
