/// Reads the JSON body of a prediction.
///
/// One for each thread that reads requests, and reused: it keeps the parser's memory. Not Sendable.
package final class PredictRequestDecoder: RequestDecoder {
    private static let keys = ["model", "instances", "parameters"]

    private let limits: RequestLimits
    private let reader: JSONDocumentReader

    package init(limits: RequestLimits) {
        self.limits = limits
        reader = JSONDocumentReader(maxBytes: limits.maxBodyBytes)
    }

    /// Refuses a query string: a parameter there would have no effect, and nobody would notice.
    package func decode(
        _ body: Span<UInt8>, _ target: RequestTarget,
        inputWidth: (String?) throws(RequestError) -> Int
    ) throws(RequestError) -> PredictRequest {
        if let name = target.query.flatMap(QueryParameters.firstName) {
            throw .queryBesideJSON(.query(name))
        }
        return try reader.read(body) { root throws(RequestError) in
            try decode(root, pathModel: target.pathModel, inputWidth: inputWidth)
        }
    }

    private func decode(
        _ root: JSONValue, pathModel: String?, inputWidth: (String?) throws(RequestError) -> Int
    ) throws(RequestError) -> PredictRequest {
        let document = JSONPointer()
        let members = try JSONObjectReader.members(of: root, keys: Self.keys, at: document)
        let model = try model(members[0], path: pathModel)
        let width = max(0, try inputWidth(model))
        guard let instances = members[1] else {
            throw .missingKey(.body(document.appending(Self.keys[1])))
        }
        let rows = RowDecoder(limits: limits)
        let count = try rows.count(instances)
        var parameters = PredictParameters()
        if let object = members[2] {
            let decoder = ParameterDecoder(
                rules: ParameterRules(limits: limits), instanceCount: count)
            parameters = try decoder.decode(object)
        }
        return PredictRequest(
            model: model, rows: try rows.decode(instances, width: width),
            parameters: parameters, encoder: JSONAnswer.toJSON)
    }

    private func model(_ value: JSONValue?, path: String?) throws(RequestError) -> String? {
        guard let value else { return path }
        let field = RequestField.body(JSONPointer().appending(Self.keys[0]))
        guard let name = value.string else {
            throw .wrongType(field, expected: [.string], found: value.kind)
        }
        if let path, path != name { throw .modelMismatch(field, path: path, found: name) }
        return name
    }
}
