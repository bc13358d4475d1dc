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
        _ body: any BodySource, _ target: RequestTarget, _ widths: InputWidths
    ) throws(RequestError) -> PredictRequest {
        if let count = body.byteCount, count > limits.maxBodyBytes {
            throw .bodyTooLarge(bytes: count, limit: limits.maxBodyBytes)
        }
        let query = try QueryParameters(target.query ?? "", limits: limits)
        if let path = target.pathModel, let named = query.model, path != named {
            throw .modelMismatch(.query("model"), path: path, found: named)
        }
        let model = query.model ?? target.pathModel
        var bytes: [UInt8] = []
        let layout = try ArrayLayout(
            &bytes, of: body, width: try widths.width(of: model), limits: limits)
        let parameters = try query.parameters(instanceCount: layout.rowCount)
        let dense = try ArrayElements(layout: layout).rows(of: body, startingWith: bytes)
        return PredictRequest(
            model: model, parameters: parameters,
            rows: FeatureRows(dense: dense, count: layout.rowCount),
            encoder: JSONAnswer.toArray(parameters))
    }
}
