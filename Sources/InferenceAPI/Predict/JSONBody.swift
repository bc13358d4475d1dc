/// A JSON object with everything in it, answered in JSON. It also comes under the type that
/// `curl -d` gives it.
package struct JSONBody: WireFormat {
    package var mediaType: String { "application/json" }
    package var otherMediaTypes: [String] { ["application/x-www-form-urlencoded"] }
    package var errors: ErrorForm { .problemJSON }

    package init() {}

    package func makeDecoder(_ limits: RequestLimits) -> any RequestDecoder {
        PredictRequestDecoder(limits: limits)
    }
}
