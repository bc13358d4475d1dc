package import HTTPTypes

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
        guard !rest.isEmpty, !rest.contains("/"), let name = PercentCoding.decoded(rest) else {
            return nil
        }
        return isPredict ? .modelPredict(name: name) : .model(name: name)
    }

    /// The one method an endpoint is for; HEAD goes wherever GET does.
    package func takes(_ method: HTTPRequest.Method) -> Bool {
        isPredict ? method == .post : method == .get || method == .head
    }

    /// The value of an `Allow` header.
    package var allowedMethods: StaticString { isPredict ? "POST" : "GET, HEAD" }

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

    private var isPredict: Bool {
        switch self {
        case .predict, .modelPredict: true
        default: false
        }
    }
}

/// Percent-encoding of a path segment.
enum PercentCoding {
    /// The decoded text; nil when it is not UTF-8 or an escape is cut short.
    static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal),
                let low = rest.popFirst().flatMap(hexadecimal)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
