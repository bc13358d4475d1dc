internal import HTTPMessages
internal import HTTPTypes
internal import InferenceAPI

/// One row of the table of endpoints.
final class Endpoint: Sendable {
    enum Response: Sendable {
        /// An answer at once: it never waits behind the batch queue.
        case immediate(
            @Sendable (_ sources: EndpointSources, _ route: Route) throws(Refusal) -> EncodedAnswer)
        /// A prediction, in one of these formats; the first is that of a body without a type. These
        /// endpoints are the only ones that read a body.
        case prediction([any WireFormat])
    }

    let pattern: PathPattern
    /// The `route` label of its metrics; several paths of one endpoint share it.
    let label: String
    /// Whether it answers without key and certificate, and on the admin port.
    let isOpen: Bool
    let response: Response

    init(
        _ pattern: String, label: String? = nil, isOpen: Bool = false, _ response: Response
    ) {
        self.pattern = PathPattern(pattern)
        self.label = label ?? pattern
        self.isOpen = isOpen
        self.response = response
    }

    var isPrediction: Bool {
        if case .prediction = response { true } else { false }
    }

    /// Whether the endpoint takes requests of a method: predictions are posted, everything else is
    /// read, and HEAD goes wherever GET does. OPTIONS is answered before.
    func takes(_ method: HTTPRequest.Method) -> Bool {
        isPrediction ? method == .post : method == .get || method == .head
    }

    /// The value of an `Allow` header.
    var allowedMethods: StaticString {
        isPrediction ? "POST, OPTIONS" : "GET, HEAD, OPTIONS"
    }

    /// How errors are written: as the first format of a prediction does, else as a problem.
    var errors: ErrorForm {
        guard case .prediction(let formats) = response, let first = formats.first else {
            return .problemJSON
        }
        return first.errors
    }
}

/// A request's endpoint with the values of its path's placeholders; found once a request.
final class Route: RequestRoute {
    let endpoint: Endpoint
    /// The model that the path names.
    let model: String?

    init(_ endpoint: Endpoint, model: String? = nil) {
        self.endpoint = endpoint
        self.model = model
    }
}
