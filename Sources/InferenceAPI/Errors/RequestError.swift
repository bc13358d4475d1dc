package import NumPyFormat

/// A reason not to answer a request: the fault is the client's, except for `outOfMemory`.
package enum RequestError: Error, Sendable, Hashable {
    // Bad grammar, or not what was asked for.
    case malformedJSON(at: TextPosition, expected: JSONExpectation, pointer: JSONPointer)
    case wrongType(RequestField, expected: [JSONKind], found: JSONKind)
    case unknownKey(RequestField, allowed: [String])
    case repeatedKey(RequestField)
    case missingKey(RequestField)
    case malformedQuery(RequestField, reason: QueryFault)
    /// With a JSON body nothing may stand in the query string.
    case queryBesideJSON(RequestField)
    case modelMismatch(RequestField, path: String, found: String)
    /// `known` are the server's models, where they may be told.
    case unknownModel(String, known: [String] = [])
    /// A body that is well-formed, perhaps, but in another format.
    case otherContent(BodyContent, expected: ExpectedContent)
    /// Not the NumPy array that was asked for.
    case malformedArray(ArrayDefect)

    // Well-formed but impossible.
    case emptyInstances(RequestField)
    case wrongWidth(instance: Int, expected: Int, found: ElementCount)
    /// An array that is not of two dimensions, the second of them the model's input width.
    case wrongShape([Int], width: Int)
    /// Elements that are not floats; nil for records.
    case elementType(found: String?)
    case notFinite(RequestField)
    case outOfRange(RequestField, ValueRange)
    case unknownChoice(RequestField, found: String, allowed: [String])
    case repeatedChoice(RequestField, String)
    /// No label of the model, or the name of several.
    case unknownLabel(RequestField, LabelName, isAmbiguous: Bool = false)
    case labelRepeated(RequestField, LabelName)
    /// A parameter without another that it needs to have an effect.
    case needs(RequestField, NeededPart)
    /// A parameter beside another that it contradicts.
    case conflict(RequestField, ContradictedPart)
    case seedCount(RequestField, found: ElementCount, instances: Int)
    case sparseLengths(instance: Int, indices: Int, values: ElementCount)
    case indexOutside(instance: Int, position: Int, width: Int)
    case indexRepeated(instance: Int, position: Int, index: Int)

    // Too much.
    case tooManyRows(RequestField, limit: Int)
    case tooManyFeatures(RequestField, limit: Int)
    case bodyTooLarge(bytes: Int, limit: Int)

    /// The server has no memory for the document.
    case outOfMemory
}

/// The values a number may have.
package enum ValueRange: Sendable, Hashable, CustomStringConvertible {
    case integers(from: Int, through: Int)
    /// Unsigned 64-bit integers.
    case seed
    /// Finite numbers above zero.
    case positive
    /// Numbers a probability may be.
    case probability
    /// Numbers above the first and below the second.
    case between(Double, Double)
    /// Numbers above 0 and up to 0.5.
    case errorLevel
    /// Lists of so many levels.
    case levels(max: Int)
    /// Lists of so many labels.
    case labels(max: Int)

    package var description: String {
        switch self {
        case .integers(let low, .max): "\(low) or more"
        case .integers(let low, let high): "\(low) to \(high)"
        case .seed: "0 to \(UInt64.max)"
        case .positive: "above 0 and finite"
        case .probability: "0 to 1"
        case .between(let low, let high): "above \(Self.text(low)) and below \(Self.text(high))"
        case .errorLevel: "above 0, and 0.5 at most"
        case .levels(let count): "1 to \(count) levels"
        case .labels(let count): "1 to \(count) labels"
        }
    }

    /// A number without the fraction that whole ones have not.
    private static func text(_ value: Double) -> String {
        Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}

/// A mistake in a query string.
package enum QueryFault: Sendable, Hashable {
    /// A `%` without two hexadecimal digits behind it, or octets that are not UTF-8.
    case percentEncoding
    case missingEqualsSign
    case notAnUnsignedInteger
    case notANumber
}

/// A place in a text; line and column count from 1, columns in bytes.
package struct TextPosition: Sendable, Hashable {
    package let offset: Int
    package let line: Int
    package let column: Int
}

/// A number of elements, which are not counted to the end where they are far too many.
package enum ElementCount: Sendable, Hashable, CustomStringConvertible {
    case exactly(Int)
    case moreThan(Int)

    package var description: String {
        switch self {
        case .exactly(let count): "\(count)"
        case .moreThan(let count): "more than \(count)"
        }
    }
}
