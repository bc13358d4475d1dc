internal import ByteText
internal import NumPyFormat

extension RequestError: CustomStringConvertible {
    /// The mistake in words for people, with the numbers and limits that tell how to put it right.
    package var description: String {
        switch self {
        case .malformedJSON(let position, let expected, _):
            "line \(position.line), column \(position.column) (byte \(position.offset)): "
                + "expected \(expected)"
        case .wrongType(let field, let expected, let found):
            "\(field): expected \(Self.list(expected)), found \(found)"
                + Self.advice(expected, found)
        case .unknownKey(let field, let allowed):
            "\(field) is not a known key; known are \(Self.list(allowed, word: "and"))"
        case .repeatedKey(let field): "\(field) appears more than once"
        case .missingKey(let field): "\(field) is missing"
        case .malformedQuery(let field, let reason): "\(field) \(reason)"
        case .queryBesideJSON(let field):
            "\(field): with a JSON body all parameters stand in the body"
        case .modelMismatch(let field, let path, let found):
            "the path names model \(Excerpt(path)), \(Self.owner(of: field)) \(Excerpt(found))"
        case .unknownModel(let name, let known):
            "there is no model \(Excerpt(name))\(Self.models(known))"
        case .otherContent(let content, let expected):
            "the body is \(content): \(expected.advice(for: content))"
        case .malformedArray(let defect): "the body: \(Excerpt.cut(defect.description))"
        case .emptyInstances(let field): "\(field): expected at least one instance, found none"
        case .wrongWidth(let instance, let expected, let found):
            "/instances/\(instance): expected \(expected) numbers, found \(found)"
        case .wrongShape(let shape, let width):
            "the array has shape \(Self.tuple(shape)), not (rows, \(width))"
                + (shape.count == 1 ? "; a single row has shape (1, \(width))" : "")
        case .elementType(let found):
            "the array's elements are \(found.map { Excerpt($0).description } ?? "records"), not "
                + "float16, float32 or float64: expected \(Self.list(ArrayLayout.Element.names)); "
                + "convert them with astype('float32')"
        case .notFinite(let field): "\(field) is not finite as a 32-bit float"
        case .outOfRange(let field, let range): "\(field): expected \(range)"
        case .unknownChoice(let field, let found, let allowed):
            "\(field): \(Excerpt(found)) is not one of \(Self.list(allowed))"
        case .repeatedChoice(let field, let text):
            "\(field): \(Excerpt(text)) appears more than once"
        case .unknownLabel(let field, let label, let isAmbiguous):
            isAmbiguous
                ? "\(field): several labels are called \(label); ask for them by index"
                : "\(field): \(label) is no label of the model"
        case .labelRepeated(let field, let label):
            "\(field): \(label) is a label that stands there already"
        case .needs(let field, let part): "\(field): \(part)"
        case .conflict(let field, let part): "\(field): \(part)"
        case .seedCount(let field, let found, let instances):
            "\(field): expected one seed or one for each of \(instances) instances, found \(found)"
        case .sparseLengths(let instance, let indices, let values):
            "/instances/\(instance): \(indices) indices but \(values) values"
        case .indexOutside(let instance, let position, let width):
            "/instances/\(instance)/indices/\(position): expected 0 to \(width - 1)"
        case .indexRepeated(let instance, let position, let index):
            "/instances/\(instance)/indices/\(position): index \(index) appears more than once"
        case .tooManyRows(_, let limit): "at most \(limit) instances fit into a request"
        case .tooManyFeatures(_, let limit):
            "the instances hold more numbers than the \(limit) allowed"
        case .bodyTooLarge(let bytes, let limit):
            "the body has \(bytes) bytes, of which \(limit) are allowed"
        case .outOfMemory: "no memory is left for a request of this size"
        }
    }

    /// The part of a request in which a model's name stands.
    private static func owner(of field: RequestField) -> String {
        field.pointer == nil ? field.description : "the body"
    }

    /// The way to go where a number stands in an instance's place.
    private static func advice(_ expected: [JSONKind], _ found: JSONKind) -> String {
        guard expected == [.array, .object], [.integer, .fraction, .number].contains(found)
        else { return "" }
        return "; an instance is an array of numbers, within the array of instances even if it is "
            + "the only one: [[1, 2]]"
    }

    /// The models that there are, the first few by name.
    private static func models(_ names: [String]) -> String {
        guard names.count > 1 else { return names.first.map { "; the only one is \($0)" } ?? "" }
        let shown = names.prefix(8)
        return "; there are "
            + (shown.count < names.count
                ? shown.joined(separator: ", ") + " and \(names.count - shown.count) more"
                : list(Array(shown), word: "and"))
    }

    /// The text of a shape as Python writes it.
    private static func tuple(_ shape: [Int]) -> String {
        let sizes = Excerpt.cut(shape.map { "\($0)" }.joined(separator: ", "))
        return shape.count == 1 ? "(\(sizes),)" : "(\(sizes))"
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
