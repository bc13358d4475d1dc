internal import Predictions

/// Reads a prediction whose body is a NumPy array (`.npy`, `application/x-npy`) of rows and whose
/// query string has the rest: float16, float32 or float64 of shape (B, D), of either byte order, in
/// C or Fortran order.
package final class ArrayRequestDecoder: RequestDecoder {
    private let limits: RequestLimits

    package init(limits: RequestLimits) {
        self.limits = limits
    }

    /// Allocates the rows, a copy of the header and the query's parameters.
    package func decode(
        _ body: Span<UInt8>, _ target: RequestTarget,
        inputWidth: (String?) throws(RequestError) -> Int
    ) throws(RequestError) -> PredictRequest {
        if body.count > limits.maxBodyBytes {
            throw .bodyTooLarge(bytes: body.count, limit: limits.maxBodyBytes)
        }
        let query = try QueryParameters(target.query ?? "", limits: limits)
        if let path = target.pathModel, let named = query.model, path != named {
            throw .modelMismatch(.query("model"), path: path, found: named)
        }
        let model = query.model ?? target.pathModel
        let width = max(0, try inputWidth(model))
        let layout = try ArrayLayout(body, width: width, limits: limits)
        let parameters = try query.parameters(instanceCount: layout.rowCount)
        let rows = FeatureRows(
            dense: try ArrayElements(layout: layout).rows(of: body), count: layout.rowCount)
        return PredictRequest(
            model: model, rows: rows, parameters: parameters, encoder: JSONAnswer.toArray)
    }
}
