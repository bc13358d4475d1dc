/// One wire format: how a request for predictions is read, and how its answer and its errors are
/// written. A format is a value without state; the memory of reading is its decoder's.
package protocol WireFormat: Sendable {
    /// Media type of the bodies it reads, without parameters; names the format in messages.
    var mediaType: String { get }
    /// Further types of the same bodies.
    var otherMediaTypes: [String] { get }
    /// The form of errors for clients of this format.
    var errors: ErrorForm { get }

    /// A decoder that keeps its memory from one request to the next. One for each thread that reads
    /// requests.
    func makeDecoder(_ limits: RequestLimits) -> any RequestDecoder
}

/// Reads the requests of one format. Not Sendable: a decoder may keep memory for the next request.
package protocol RequestDecoder: AnyObject {
    /// Reads a request, in time linear in its bytes and in memory linear in the numbers it holds.
    /// It is refused at the first byte that shows that it cannot be answered; what follows is not
    /// read.
    ///
    /// - Parameters:
    ///   - body: the body, from its first byte on.
    ///   - target: query and path.
    ///   - widths: the widths of the models.
    func decode(
        _ body: any BodySource, _ target: RequestTarget, _ widths: InputWidths
    ) throws(RequestError) -> PredictRequest
}

/// The parts of a request beside its body that a format may read.
package struct RequestTarget: Sendable {
    /// The query string, without its question mark; nil where there is none.
    package var query: String?
    /// The model that the path names. A body or a query may repeat it, not contradict it.
    package var pathModel: String?

    package init(query: String? = nil, pathModel: String? = nil) {
        self.query = query
        self.pathModel = pathModel
    }
}
