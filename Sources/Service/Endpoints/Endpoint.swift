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

    /// The methods that an endpoint takes, beside OPTIONS, which is answered for every one.
    enum Methods: Sendable, CaseIterable {
        /// GET, and HEAD, which goes wherever GET does.
        case get
        case post

        /// Names, as an `Allow` header lists them.
        var names: [String] {
            switch self {
            case .get: ["GET", "HEAD"]
            case .post: ["POST"]
            }
        }
    }

    let pattern: PathPattern
    let methods: Methods
    /// The `route` label of its metrics; several paths of one endpoint share it.
    let label: String
    /// Whether it answers without key and certificate, and on the admin port.
    let isOpen: Bool
    /// The form of its errors; nil where each of a prediction's formats has its own.
    let ownErrors: ErrorForm?
    let response: Response
    /// The value of an `Allow` header.
    let allow: String

    init(
        _ pattern: String, _ methods: Methods, label: String? = nil, isOpen: Bool = false,
        errors: ErrorForm? = nil, _ response: Response
    ) {
        self.pattern = PathPattern(pattern)
        self.methods = methods
        self.label = label ?? pattern
        self.isOpen = isOpen
        ownErrors = errors
        self.response = response
        allow = (methods.names + ["OPTIONS"]).joined(separator: ", ")
    }

    var isPrediction: Bool {
        if case .prediction = response { true } else { false }
    }

    func takes(_ method: HTTPRequest.Method) -> Bool {
        switch methods {
        case .get: method == .get || method == .head
        case .post: method == .post
        }
    }

    /// The form of errors before a format is known: its own, else that of its first format, else a
    /// problem document.
    var errors: ErrorForm {
        if let ownErrors { return ownErrors }
        guard case .prediction(let formats) = response, let first = formats.first else {
            return .problemJSON
        }
        return first.errors
    }
}

/// A request's endpoint with the values of its path's placeholders; found once a request.
final class Route: RequestRoute {
    let endpoint: Endpoint
    /// One for each name of the pattern.
    private let values: [String]
    /// The key that was shown for it; nil where none is asked for.
    let key: APIKeyID?

    init(_ endpoint: Endpoint, values: [String] = [], key: APIKeyID? = nil) {
        self.endpoint = endpoint
        self.values = values
        self.key = key
    }

    /// The same route for a request that has shown a key.
    func shown(_ key: APIKeyID?) -> Route {
        key.map { Route(endpoint, values: values, key: $0) } ?? self
    }

    /// The model that the path names.
    var model: String? { value(of: "model") }

    private func value(of name: String) -> String? {
        endpoint.pattern.names.firstIndex(of: name).map { values[$0] }
    }
}
