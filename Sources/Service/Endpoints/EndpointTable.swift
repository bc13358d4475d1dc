internal import InferenceAPI

/// Every endpoint there is. Routing, the `Allow` header, access and metric labels read this list; a
/// test holds it against openapi.yaml. The first row whose fixed parts fit a path takes it.
enum EndpointTable {
    static let rows = [
        Endpoint("/predict", .post, .prediction(predictFormats)),
        Endpoint("/v1/models/{model}:predict", .post, .prediction(predictFormats)),
        Endpoint("/v1/models", .get, .immediate(ModelsEndpoint.list)),
        Endpoint("/v1/models/{model}", .get, .immediate(ModelsEndpoint.one)),
        Endpoint("/health/live", .get, isOpen: true, .immediate(HealthEndpoint.live)),
        Endpoint("/health/ready", .get, isOpen: true, .immediate(HealthEndpoint.ready)),
        Endpoint(
            "/health", .get, label: "/health/ready", isOpen: true,
            .immediate(HealthEndpoint.ready)),
        Endpoint("/metrics", .get, isOpen: true, .immediate(MetricsEndpoint.answer)),
        Endpoint("/openapi.yaml", .get, .immediate(OpenAPIEndpoint.answer)),
    ]

    private static let predictFormats: [any WireFormat] = [JSONBody(), NumPyBody()]

    /// The target of an OPTIONS request about the server as a whole.
    static let wholeServer = "*"
    /// The value of `Allow` in the answer to it: the methods of all rows.
    static let serverAllow: String = {
        let names = Endpoint.Methods.allCases.filter { methods in
            rows.contains { $0.methods == methods }
        }
        return (names.flatMap(\.names) + ["OPTIONS"]).joined(separator: ", ")
    }()

    /// The routes without a placeholder, by path.
    private static let fixed = Dictionary(
        uniqueKeysWithValues: rows.filter(\.pattern.isFixed).map { ($0.pattern.text, Route($0)) })

    /// The route of a target's path; nil where there is none. The text of a row without a
    /// placeholder is found at once, everything else by its decoded segments.
    static func find(_ path: String) -> Route? {
        if let route = fixed[path] { return route }
        guard let segments = PathSegments(path) else { return nil }
        for endpoint in rows {
            guard case .fits(let values) = endpoint.pattern.match(segments) else { continue }
            return values.map { Route(endpoint, values: $0) }
        }
        return nil
    }

    /// The `route` labels of metrics.
    static let labels: RouteLabels = {
        var all: [String] = []
        for endpoint in rows where !all.contains(endpoint.label) { all.append(endpoint.label) }
        return RouteLabels(
            all: all + [RouteLabels.none], predictions: rows.filter(\.isPrediction).map(\.label))
    }()
}
