internal import Predictions

/// Reads the JSON body of a prediction, while its bytes come.
package final class PredictRequestDecoder: RequestDecoder {
    private static let keys = ["model", "instances", "parameters"]
    /// Bytes of a model's name that are read; no model has a longer one.
    private static let maxModelBytes = 1024

    private let limits: RequestLimits

    package init(limits: RequestLimits) {
        self.limits = limits
    }

    /// Refuses a query string: a parameter there would have no effect, and nobody would notice.
    package func decode(
        _ body: any BodySource, _ target: RequestTarget, _ widths: InputWidths
    ) throws(RequestError) -> PredictRequest {
        if let name = target.query.flatMap(QueryParameters.firstName) {
            throw .queryBesideJSON(.query(name))
        }
        if let count = body.byteCount, count > limits.maxBodyBytes {
            throw .bodyTooLarge(bytes: count, limit: limits.maxBodyBytes)
        }
        var reader = JSONReader(body)
        do throws(RequestError) {
            return try decode(&reader, target.pathModel, widths)
        } catch {
            throw Self.diagnosis(of: error, reader)
        }
    }

    private func decode(
        _ reader: inout JSONReader, _ pathModel: String?, _ widths: InputWidths
    ) throws(RequestError) -> PredictRequest {
        var model = pathModel
        var rows = RowReader(limits: limits, largestWidth: widths.largest)
        var parameters = ParameterReader(limits: limits)
        if pathModel != nil { rows.setWidth(try widths.width(of: pathModel)) }
        reader.skipSpace()
        guard reader.byte == UInt8(ascii: "{") else {
            throw reader.wrongType([.object], found: try reader.kind())
        }
        let seen = try reader.object(keys: Self.keys) { key, reader throws(RequestError) in
            switch key {
            case 0:
                let name = try Self.model(&reader, path: pathModel)
                rows.setWidth(try widths.width(of: name.text))
                guard name.isWhole else { throw .unknownModel(name.text) }
                model = name.text
            case 1: try rows.read(&reader)
            default:
                try parameters.read(
                    &reader, instanceCount: rows.count == 0 ? nil : rows.count)
            }
        }
        try reader.end()
        if model == nil { rows.setWidth(try widths.width(of: nil)) }
        guard seen.contains(1) else {
            throw .missingKey(.body(JSONPointer().appending(Self.keys[1])))
        }
        let finished = try parameters.finish(instanceCount: rows.count)
        return PredictRequest(
            model: model, parameters: finished, rows: try rows.finish(),
            encoder: JSONAnswer.toJSON(finished))
    }

    private static func model(
        _ reader: inout JSONReader, path: String?
    ) throws(RequestError) -> JSONReader.Text {
        guard let name = try reader.stringValue(maxBytes: maxModelBytes) else {
            throw reader.wrongType([.string], found: try reader.kind())
        }
        if let path, path != name.text {
            throw .modelMismatch(.body(reader.pointer), path: path, found: name.text)
        }
        return name
    }

    /// The error to report: where the body is no JSON at all, what it is instead.
    private static func diagnosis(
        of error: RequestError, _ reader: JSONReader
    ) -> RequestError {
        switch error {
        case .malformedJSON: break
        case .wrongType(.body(let pointer), _, _) where pointer == JSONPointer(): break
        default: return error
        }
        guard reader.isAtStart, let content = BodyContent(of: reader.bytes.span), content != .json
        else { return error }
        return .otherContent(content, expected: .json)
    }
}
