/// A NumPy array of rows with the parameters in the query string, answered in JSON.
package struct NumPyBody: WireFormat {
    package var mediaType: String { "application/x-npy" }
    package var otherMediaTypes: [String] { [] }
    package var errors: ErrorForm { .problemJSON }

    package init() {}

    package func makeDecoder(_ limits: RequestLimits) -> any RequestDecoder {
        ArrayRequestDecoder(limits: limits)
    }
}
