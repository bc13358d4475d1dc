internal import Predictions

/// Reads a prediction whose body is a NumPy array (`.npy`, `application/x-npy`) of rows and whose
/// query string has the rest.
package struct ArrayRequestDecoder: Sendable {
    private let limits: RequestLimits

    package init(limits: RequestLimits) {
        self.limits = limits
    }

    /// Reads a request in time linear in its bytes. What it allocates is the rows, a header's copy
    /// and the query's parameters.
    ///
    /// - Parameters:
    ///   - body: the array, decompressed; not needed afterwards. float32 or float64 of shape (B, D),
    ///     of either byte order, in C or Fortran order.
    ///   - query: the target's query string, without its question mark.
    ///   - pathModel: the model that the path names. The query may repeat it, not contradict it.
    ///   - inputWidth: as for `PredictRequestDecoder`.
    package func decode(
        _ body: Span<UInt8>, query: String?, pathModel: String? = nil,
        inputWidth: (String?) throws(RequestError) -> Int
    ) throws(RequestError) -> PredictRequest {
        if body.count > limits.maximumBodyBytes {
            throw .bodyTooLarge(bytes: body.count, limit: limits.maximumBodyBytes)
        }
        let query = try QueryParameters(query ?? "", limits: limits)
        if let path = pathModel, let named = query.model, path != named {
            throw .modelMismatch(.query("model"), path: path, found: named)
        }
        let model = query.model ?? pathModel
        let width = max(0, try inputWidth(model))
        let layout = try ArrayLayout(body, width: width, limits: limits)
        let parameters = try query.parameters(instanceCount: layout.rowCount)
        let rows = FeatureRows(
            dense: try ArrayElements(layout: layout).rows(of: body), count: layout.rowCount)
        return PredictRequest(
            form: .array, model: model, instances: rows, parameters: parameters)
    }
}
