extension RequestError: CustomStringConvertible {
    /// The answer's status.
    package var status: Int {
        switch self {
        case .malformedJSON, .wrongType, .unknownKey, .repeatedKey, .malformedQuery,
            .modelMismatch:
            400
        case .unknownModel: 404
        case .tooManyRows, .tooManyFeatures, .bodyTooLarge: 413
        case .missingKey, .emptyInstances, .wrongWidth, .notFinite, .outOfRange, .unknownChoice,
            .seedCount, .sparseLengths, .indexOutside, .indexRepeated:
            422
        case .outOfMemory: 503
        }
    }

    /// Stable, for programs.
    package var code: String {
        switch self {
        case .malformedJSON(_, .utf8, _): "invalid_utf8"
        case .malformedJSON(_, .depth, _): "nested_too_deeply"
        case .malformedJSON: "malformed_json"
        case .wrongType: "wrong_type"
        case .unknownKey: "unknown_key"
        case .repeatedKey: "repeated_key"
        case .missingKey: "missing_key"
        case .malformedQuery: "malformed_query"
        case .modelMismatch: "model_mismatch"
        case .unknownModel: "unknown_model"
        case .emptyInstances: "empty_instances"
        case .wrongWidth: "wrong_width"
        case .notFinite: "not_finite"
        case .outOfRange: "out_of_range"
        case .unknownChoice: "unknown_choice"
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

    /// What is wrong, for people, with the numbers and limits that tell how to put it right.
    package var description: String {
        switch self {
        case .malformedJSON(let position, let expected, _):
            "line \(position.line), column \(position.column) (byte \(position.offset)): "
                + "expected \(expected)"
        case .wrongType(let field, let expected, let found):
            "\(field): expected \(Self.list(expected)), found \(found)"
        case .unknownKey(let field, let allowed):
            "\(field) is not a known key; known are \(Self.list(allowed, word: "and"))"
        case .repeatedKey(let field): "\(field) appears more than once"
        case .missingKey(let field): "\(field) is missing"
        case .malformedQuery(let field, let reason): "\(field) \(reason)"
        case .modelMismatch(let path, let body):
            "the path names model \(Excerpt(path)), the body \(Excerpt(body))"
        case .unknownModel(let name): "there is no model \(Excerpt(name))"
        case .emptyInstances: "/instances: expected at least one instance, found none"
        case .wrongWidth(let instance, let expected, let found):
            "/instances/\(instance): expected \(expected) numbers, found \(found)"
        case .notFinite(let field): "\(field) is not finite as a 32-bit float"
        case .outOfRange(let field, let range): "\(field): expected \(range)"
        case .unknownChoice(let field, let found, let allowed):
            "\(field): \(Excerpt(found)) is not one of \(Self.list(allowed))"
        case .seedCount(let field, let found, let instances):
            "\(field): expected one seed or one for each of \(instances) instances, found \(found)"
        case .sparseLengths(let instance, let indices, let values):
            "/instances/\(instance): \(indices) indices but \(values) values"
        case .indexOutside(let instance, let position, let width):
            "/instances/\(instance)/indices/\(position): expected 0 to \(width - 1)"
        case .indexRepeated(let instance, let position, let index):
            "/instances/\(instance)/indices/\(position): index \(index) appears more than once"
        case .tooManyRows(let limit): "at most \(limit) instances fit into a request"
        case .tooManyFeatures(let limit):
            "the instances hold more numbers than the \(limit) allowed"
        case .bodyTooLarge(let bytes, let limit):
            "the body has \(bytes) bytes, of which \(limit) are allowed"
        case .outOfMemory: "no memory is left for a request of this size"
        }
    }

    /// The bad field of a JSON body, where there is one.
    package var pointer: JSONPointer? {
        let instances = JSONPointer().appending("instances")
        switch self {
        case .malformedJSON(_, _, let pointer): return pointer
        case .wrongType(let field, _, _), .unknownKey(let field, _), .repeatedKey(let field),
            .missingKey(let field), .malformedQuery(let field, _), .notFinite(let field),
            .outOfRange(let field, _), .unknownChoice(let field, _, _), .seedCount(let field, _, _):
            return field.pointer
        case .modelMismatch: return JSONPointer().appending("model")
        case .emptyInstances, .tooManyRows, .tooManyFeatures: return instances
        case .wrongWidth(let instance, _, _): return instances.appending(instance)
        case .sparseLengths(let instance, _, _):
            return instances.appending(instance).appending("values")
        case .indexOutside(let instance, let position, _),
            .indexRepeated(let instance, let position, _):
            return instances.appending(instance).appending("indices").appending(position)
        case .unknownModel, .bodyTooLarge, .outOfMemory: return nil
        }
    }

    private static func list(_ items: [some CustomStringConvertible], word: String = "or") -> String
    {
        let texts = items.map(\.description)
        guard let last = texts.last, texts.count > 1 else { return texts.first ?? "" }
        return "\(texts.dropLast().joined(separator: ", ")) \(word) \(last)"
    }
}

extension QueryFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .percentEncoding: "is not percent-encoded UTF-8"
        case .missingEqualsSign: "has no value"
        case .notAnUnsignedInteger: "is not an unsigned integer"
        case .notANumber: "is not a number"
        }
    }
}
