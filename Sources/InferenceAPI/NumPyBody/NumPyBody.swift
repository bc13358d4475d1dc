/// A NumPy array of rows with the parameters in the query string, answered in JSON.
package struct NumPyBody: WireFormat {
    private static let types = ["application/x-npy"]

    package var mediaTypes: [String] { Self.types }
    package var errors: ErrorForm { ErrorForm.problemJSON }

    package init() {}

    package func makeDecoder(_ limits: RequestLimits) -> any RequestDecoder {
        ArrayRequestDecoder(limits: limits)
    }
}
