package import Predictions

/// Writes the answer to one request. Made by the decoder that read the request, so it knows all
/// that the request said of its answer's form.
package protocol AnswerEncoder: Sendable {
    /// Names of the request's parts, for errors found after it was read.
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
