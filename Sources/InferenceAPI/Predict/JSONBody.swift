/// A JSON object with everything in it, answered in JSON. It also comes under the type that
/// `curl -d` gives it.
package struct JSONBody: WireFormat {
    private static let types = ["application/json", "application/x-www-form-urlencoded"]

    package var mediaTypes: [String] { Self.types }
    package var errors: ErrorForm { ErrorForm.problemJSON }

    package init() {}

    package func makeDecoder(_ limits: RequestLimits) -> any RequestDecoder {
        PredictRequestDecoder(limits: limits)
    }
}
