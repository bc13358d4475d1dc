/// Reads the JSON body of a prediction.
///
/// One for each thread that reads requests, and reused: it keeps the parser's memory. Not Sendable.
package final class PredictRequestDecoder {
    private static let keys = ["model", "instances", "parameters"]

    private let limits: RequestLimits
    private let reader: JSONDocumentReader

    package init(limits: RequestLimits) {
        self.limits = limits
        reader = JSONDocumentReader(maximumBytes: limits.maximumBodyBytes)
    }

    /// Reads a request in time linear in the body's bytes and in the numbers of its dense rows.
    ///
    /// - Parameters:
    ///   - body: the document, decompressed; not needed afterwards.
    ///   - query: the target's query string, which must be empty: a parameter there would have no
    ///     effect, and nobody would notice.
    ///   - pathModel: the model that the path names. A body may repeat it, not contradict it.
    ///   - inputWidth: tells the input width D ≥ 0 of a model, nil being the server's first, or
    ///     throws `unknownModel`. Called once, before any row is read.
    package func decode(
        _ body: Span<UInt8>, query: String? = nil, pathModel: String? = nil,
        inputWidth: (String?) throws(RequestError) -> Int
    ) throws(RequestError) -> PredictRequest {
        if let name = query.flatMap(QueryParameters.firstName) {
            throw .queryBesideJSON(.query(name))
        }
        return try reader.read(body) { root throws(RequestError) in
            try decode(root, pathModel: pathModel, inputWidth: inputWidth)
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
            form: .json, model: model, instances: try rows.decode(instances, width: width),
            parameters: parameters)
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
