internal import HTTPMessages
internal import InferenceAPI

/// A request for predictions that has arrived, with its endpoint.
struct PredictionRequest: Sendable {
    let message: HTTPRequestMessage
    let route: Route
    let inFlight: InFlight

    init(_ message: HTTPRequestMessage, _ route: Route, _ inFlight: InFlight) {
        self.message = message
        self.route = route
        self.inFlight = inFlight
    }

    /// The formats of its endpoint; none for an endpoint that is not a prediction.
    var formats: [any WireFormat] {
        guard case .prediction(let formats) = route.endpoint.response else { return [] }
        return formats
    }

    /// The time at which its answer loses its use, at most `max` nanoseconds after its arrival.
    func deadline(max: UInt64) throws(Refusal) -> UInt64 {
        try RequestDeadline.of(message.head.headers, arrival: inFlight.arrival, max: max)
    }
}

/// The decoders of one thread, made when their format is first read. Belongs to that thread.
final class RequestDecoders {
    private let limits: RequestLimits
    private var decoders: [(format: any WireFormat.Type, decoder: any RequestDecoder)] = []

    init(_ limits: RequestLimits) { self.limits = limits }

    subscript(format: any WireFormat) -> any RequestDecoder {
        let type = type(of: format)
        if let known = decoders.first(where: { $0.format == type }) { return known.decoder }
        let decoder = format.makeDecoder(limits)
        decoders.append((type, decoder))
        return decoder
    }
}
