extension RequestError {
    /// The answer's status.
    package var status: Int {
        switch self {
        case .malformedJSON, .wrongType, .unknownKey, .repeatedKey, .malformedQuery,
            .queryBesideJSON, .modelMismatch, .otherContent, .malformedArray:
            400
        case .unknownModel: 404
        case .tooManyRows, .tooManyFeatures, .bodyTooLarge: 413
        case .missingKey, .emptyInstances, .wrongWidth, .wrongShape, .elementType, .notFinite,
            .outOfRange, .unknownChoice, .repeatedChoice, .unknownLabel, .labelRepeated, .needs,
            .conflict, .seedCount, .sparseLengths, .indexOutside, .indexRepeated:
            422
        case .outOfMemory: 503
        }
    }

    /// Stable, for programs.
    package var code: String {
        switch self {
        case .malformedJSON(_, .utf8, _): "invalid_utf8"
        case .malformedJSON: "malformed_json"
        case .wrongType: "wrong_type"
        case .unknownKey: "unknown_key"
        case .repeatedKey: "repeated_key"
        case .missingKey: "missing_key"
        case .malformedQuery: "malformed_query"
        case .queryBesideJSON: "query_beside_json"
        case .modelMismatch: "model_mismatch"
        case .unknownModel: "unknown_model"
        case .otherContent(.text, .json): "invalid_utf8"
        case .otherContent(_, .json): "malformed_json"
        case .otherContent(_, .array), .malformedArray: "malformed_array"
        case .emptyInstances: "empty_instances"
        case .wrongWidth: "wrong_width"
        case .wrongShape(let shape, _): shape.count == 2 ? "wrong_width" : "wrong_shape"
        case .elementType: "element_type"
        case .notFinite: "not_finite"
        case .outOfRange: "out_of_range"
        case .unknownChoice: "unknown_choice"
        case .repeatedChoice: "repeated_choice"
        case .unknownLabel: "unknown_label"
        case .labelRepeated: "label_repeated"
        case .needs: "needs"
        case .conflict: "conflict"
        case .seedCount: "seed_count"
        case .sparseLengths: "sparse_lengths"
        case .indexOutside: "index_outside"
        case .indexRepeated: "index_repeated"
        case .tooManyRows: "too_many_rows"
        case .tooManyFeatures: "too_many_features"
        case .bodyTooLarge: "body_too_large"
        case .outOfMemory: "out_of_memory"
        }
    }

    /// The status in words, which is what a problem of type `about:blank` is titled.
    package var title: String {
        switch status {
        case 400: "Bad Request"
        case 404: "Not Found"
        case 413: "Content Too Large"
        case 422: "Unprocessable Content"
        default: "Service Unavailable"
        }
    }

    /// The bad field of a JSON body, where there is one.
    package var pointer: JSONPointer? {
        let instances = JSONPointer().appending("instances")
        switch self {
        case .malformedJSON(_, _, let pointer): return pointer
        case .wrongType(let field, _, _), .unknownKey(let field, _), .repeatedKey(let field),
            .missingKey(let field), .malformedQuery(let field, _), .queryBesideJSON(let field),
            .modelMismatch(let field, _, _), .emptyInstances(let field), .notFinite(let field),
            .outOfRange(let field, _), .unknownChoice(let field, _, _),
            .repeatedChoice(let field, _), .unknownLabel(let field, _, _),
            .labelRepeated(let field, _), .needs(let field, _), .conflict(let field, _),
            .seedCount(let field, _, _),
            .tooManyRows(let field, _), .tooManyFeatures(let field, _):
            return field.pointer
        case .wrongWidth(let instance, _, _): return instances.appending(instance)
        case .sparseLengths(let instance, _, _):
            return instances.appending(instance).appending("values")
        case .indexOutside(let instance, let position, _),
            .indexRepeated(let instance, let position, _):
            return instances.appending(instance).appending("indices").appending(position)
        case .unknownModel, .otherContent, .malformedArray, .wrongShape, .elementType,
            .bodyTooLarge, .outOfMemory:
            return nil
        }
    }
}
