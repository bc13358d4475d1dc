/// A NumPy array of rows with the parameters in the query string, answered in JSON.
package struct NumPyBody: WireFormat {
    package let mediaTypes = ["application/x-npy"]
    package let errors = ErrorForm.problemJSON

    package init() {}

    package func makeDecoder(_ limits: RequestLimits) -> any RequestDecoder {
        ArrayRequestDecoder(limits: limits)
    }
}
