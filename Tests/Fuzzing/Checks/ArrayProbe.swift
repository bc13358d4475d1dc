import InferenceAPI
import Predictions

/// Reads the input as a prediction in the form of an array: its first byte is the model's input
/// width, what follows up to a line feed the query string, the rest the body.
enum ArrayProbe {
    static func check(_ input: [UInt8]) throws(BrokenPromise) {
        let width = Int(input.first ?? 0)
        let parts = input.dropFirst().split(
            separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let query = String(decoding: parts[0], as: UTF8.self)
        let body = parts.count > 1 ? Array(parts[1]) : []
        guard let request = try request(body, query, width) else { return }
        try PredictProbe.check(request, width)
        guard request.encoder.fields == .array, let naive = NaiveArray(body), naive.width == width,
            naive.rows.map(\.bitPattern) == request.rows.dense.map(\.bitPattern)
        else { throw .illegalRequest(what: "rows") }
        for array in [naive.plain, naive.turned] {
            guard let again = try self.request(array, query, width), again == request,
                again.rows.dense.map(\.bitPattern) == naive.rows.map(\.bitPattern)
            else { throw .illegalRequest(what: "rows in another form") }
        }
    }

    /// Nil where it is refused.
    private static func request(
        _ body: [UInt8], _ query: String, _ width: Int
    ) throws(BrokenPromise) -> PredictRequest? {
        let decoder = ArrayRequestDecoder(limits: PredictProbe.limits)
        do throws(RequestError) {
            return try decoder.decode(
                WholeBody(body), RequestTarget(query: query), PredictProbe.widths(width))
        } catch {
            try PredictProbe.check(error)
            return nil
        }
    }
}
