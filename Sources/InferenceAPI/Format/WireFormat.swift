package import Predictions

/// One wire format: how a request for predictions is read, and how its answer and its errors are
/// written. A format is a value without state; the memory of reading is its decoder's.
package protocol WireFormat: Sendable {
    /// Media types of the bodies it reads, without parameters; the first names the format in
    /// messages.
    var mediaTypes: [String] { get }
    /// How errors are written to a client that sent this format.
    var errors: ErrorForm { get }

    /// A decoder that keeps its memory from one request to the next. One for each thread that reads
    /// requests.
    func makeDecoder(_ limits: RequestLimits) -> any RequestDecoder
}

/// Reads the requests of one format. Not Sendable: a decoder may keep its parser's memory.
package protocol RequestDecoder: AnyObject {
    /// Reads a request, in time linear in its bytes and in the numbers of its dense rows.
    ///
    /// - Parameters:
    ///   - body: the body without its content coding; not needed afterwards.
    ///   - target: the parts of the request's target that a format may read.
    ///   - inputWidth: the input width D ≥ 0 of a model, nil being the server's first; throws
    ///     `unknownModel`. Called once, before any row is read.
    func decode(
        _ body: Span<UInt8>, _ target: RequestTarget,
        inputWidth: (String?) throws(RequestError) -> Int
    ) throws(RequestError) -> PredictRequest
}

/// The parts of a request's target that say something of the prediction.
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

/// Writes the answer to one request. Made by the decoder that read the request, so it knows all
/// that the request said of its answer's form.
package protocol AnswerEncoder: Sendable {
    /// How the request names its parts, for errors found after it was read.
    var fields: RequestFields { get }

    /// Whether an answer to these rows could have at most `maxBytes` bytes; told before anything is
    /// computed or allocated. O(rows).
    func mayFit(_ rows: [RowOptions], classCount: Int, maxBytes: Int) -> Bool

    /// The answer: one entry a row, in the request's order. Throws the first reason that there is
    /// none.
    func encode(
        _ outcomes: ArraySlice<RowOutcome>, of model: AnsweringModel, maxBytes: Int
    ) throws(AnswerError) -> EncodedAnswer
}

/// The reason that computed rows have no answer.
package enum AnswerError: Error, Sendable {
    /// A row was given up: its deadline passed, or its client left.
    case notWanted
    /// A row's logits are not finite.
    case overflow(RequestField)
    /// The head could not read its weights.
    case lostWeights
    case tooLong(maxBytes: Int)
    /// A number that the format cannot write.
    case notFinite
}
