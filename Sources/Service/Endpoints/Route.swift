internal import ByteText
package import HTTPTypes
internal import InferenceAPI

/// The endpoints, found by path. Names are the `route` label of the metrics.
package enum Route: Sendable, Equatable {
    case predict
    case modelPredict(name: String)
    case models
    case model(name: String)
    case live
    case ready
    case metrics
    case openAPI

    private static let fixed: [String: Route] = [
        "/predict": .predict, "/v1/models": .models, "/health/live": .live,
        "/health/ready": .ready, "/health": .ready, "/metrics": .metrics,
        "/openapi.yaml": .openAPI,
    ]
    private static let modelsPrefix = "/v1/models/"
    private static let predictSuffix = ":predict"

    /// The endpoint of a target's path; nil when there is none. Model names are percent-decoded.
    package static func find(_ path: String) -> Route? {
        if let route = fixed[path] { return route }
        guard path.hasPrefix(modelsPrefix) else { return nil }
        var rest = path.dropFirst(modelsPrefix.count)
        let isPredict = rest.hasSuffix(predictSuffix)
        if isPredict { rest = rest.dropLast(predictSuffix.count) }
        guard !rest.isEmpty, !rest.contains("/"), let name = PercentEncoding.decoded(rest.utf8)
        else {
            return nil
        }
        return isPredict ? .modelPredict(name: name) : .model(name: name)
    }

    /// The one method an endpoint is for; HEAD goes wherever GET does. OPTIONS, which every one
    /// knows, is answered before.
    package func takes(_ method: HTTPRequest.Method) -> Bool {
        isPredict ? method == .post : method == .get || method == .head
    }

    /// The value of an `Allow` header.
    package var allowedMethods: StaticString {
        isPredict ? "POST, OPTIONS" : "GET, HEAD, OPTIONS"
    }

    /// The target of an OPTIONS request about the server as a whole, and what it is told.
    package static let wholeServer = "*"
    package static let serverMethods: StaticString = "GET, HEAD, POST, OPTIONS"

    /// The `route` label of metrics: one of `labels`.
    package var label: String {
        switch self {
        case .predict: "/predict"
        case .modelPredict: "/v1/models/{model}:predict"
        case .models: "/v1/models"
        case .model: "/v1/models/{model}"
        case .live: "/health/live"
        case .ready: "/health/ready"
        case .metrics: "/metrics"
        case .openAPI: "/openapi.yaml"
        }
    }

    /// The label of requests that reach no endpoint.
    package static let noneLabel = "none"

    package static let labels = [
        Route.predict.label, Route.modelPredict(name: "").label, Route.models.label,
        Route.model(name: "").label, Route.live.label, Route.ready.label, Route.metrics.label,
        Route.openAPI.label, noneLabel,
    ]

    /// The labels of predictions, whose requests have a model.
    package static let predictLabels = [Route.predict.label, Route.modelPredict(name: "").label]

    /// Whether its requests are predictions, the only ones whose bodies are read.
    var isPredict: Bool {
        switch self {
        case .predict, .modelPredict: true
        default: false
        }
    }
}
