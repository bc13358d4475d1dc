internal import ByteText

/// The parameters of a prediction whose body is an array and nothing else: its query string, for
/// example `model=digits&top_k=3&seed=7,8&outputs=probabilities`.
///
/// Names and values are percent-encoded (RFC 3986, so a plus sign is a plus sign); lists are
/// separated by commas.
package struct QueryParameters: Sendable, Equatable {
    package let model: String?
    private let parameters: PredictParameters
    private let hasSeedList: Bool

    private static let names = ["model"] + ParameterRules.names

    /// Reads a query string, without its question mark. Seeds are counted later, in
    /// `parameters(instanceCount:)`; here more of them than `limits.maxRows` are too many rows.
    package init(_ query: String, limits: RequestLimits) throws(RequestError) {
        let rules = ParameterRules(limits: limits)
        var parameters = PredictParameters()
        var model: String?
        var seen: Set<String> = []
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let (name, value) = try Self.decode(pair)
            let field = RequestField.query(name)
            if !Self.names.contains(name) { throw .unknownKey(field, allowed: Self.names) }
            if !seen.insert(name).inserted { throw .repeatedKey(field) }
            if name == "model" {
                model = value
            } else {
                try Self.set(name, to: value, field, rules, in: &parameters)
            }
        }
        try parameters.checkBonds(.array)
        self.model = model
        self.parameters = parameters
        hasSeedList = parameters.seeds.count > 1
    }

    /// The parameters for a body of this many rows: a list of seeds has one for each of them.
    package func parameters(instanceCount: Int) throws(RequestError) -> PredictParameters {
        if hasSeedList, parameters.seeds.count != instanceCount {
            throw .seedCount(
                .query("seed"), found: .exactly(parameters.seeds.count),
                instances: instanceCount)
        }
        return parameters
    }

    /// The first parameter's name as it came; nil where there is no parameter.
    static func firstName(_ query: String) -> String? {
        query.split(separator: "&").first.map { pair in String(pair.prefix { $0 != "=" }) }
    }

    private static func decode(
        _ pair: Substring.UTF8View
    ) throws(RequestError) -> (name: String, value: String) {
        let parts = pair.split(
            separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = PercentEncoding.decoded(parts[0]) else {
            throw .malformedQuery(.query(String(Substring(parts[0]))), reason: .percentEncoding)
        }
        guard parts.count == 2 else {
            throw .malformedQuery(.query(name), reason: .missingEqualsSign)
        }
        guard let value = PercentEncoding.decoded(parts[1]) else {
            throw .malformedQuery(.query(name), reason: .percentEncoding)
        }
        return (name, value)
    }

    private static func set(
        _ name: String, to value: String, _ field: RequestField, _ rules: ParameterRules,
        in parameters: inout PredictParameters
    ) throws(RequestError) {
        switch name {
        case "top_k": parameters.topK = try rules.topK(unsigned(value, field), field)
        case "samples": parameters.sampleCount = try rules.samples(unsigned(value, field), field)
        case "seed": parameters.seeds = try seeds(value, field, rules)
        case "estimator": parameters.estimator = try rules.choice(value, field)
        case "tolerance": parameters.tolerance = try rules.tolerance(number(value, field), field)
        case "certify": parameters.certificate = try rules.choice(value, field)
        case "delta": parameters.delta = try rules.delta(number(value, field), field)
        case "outputs":
            for item in value.isEmpty ? [] : items(value) {
                try rules.insert(String(item), into: &parameters.outputs, field)
            }
        case "quantile_levels":
            var levels: [Double] = []
            for item in items(value) {
                try rules.append(number(String(item), field), field, to: &levels, of: field)
            }
            parameters.quantileLevels = levels
        case "labels":
            for item in items(value) {
                let label = LabelName.index(try unsigned(String(item), field))
                try rules.append(label, to: &parameters.labels, of: field)
            }
        case "min_probability":
            parameters.minProbability = try rules.probability(number(value, field), field)
        case "coverage": parameters.coverage = try rules.coverage(number(value, field), field)
        default: parameters.abstainBelow = try rules.probability(number(value, field), field)
        }
    }

    /// The elements of a list; one of no text where there is none.
    private static func items(_ list: String) -> [Substring] {
        list.split(separator: ",", omittingEmptySubsequences: false)
    }

    private static func seeds(
        _ value: String, _ field: RequestField, _ rules: ParameterRules
    ) throws(RequestError) -> [UInt64] {
        var seeds: [UInt64] = []
        for item in items(value) {
            if seeds.count == rules.limits.maxRows {
                throw .tooManyRows(field, limit: rules.limits.maxRows)
            }
            seeds.append(try rules.seed(unsigned(String(item), field), field))
        }
        return seeds
    }

    /// Digits only, with at most a minus sign; nil when they are not an unsigned 64-bit integer.
    private static func unsigned(
        _ text: String, _ field: RequestField
    ) throws(RequestError) -> UInt64? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
        let areDigits = digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard areDigits, !digits.isEmpty else {
            throw .malformedQuery(field, reason: .notAnUnsignedInteger)
        }
        return UInt64(text)
    }

    /// A number as JSON writes it, so that query strings and bodies take the same ones.
    private static func number(
        _ text: String, _ field: RequestField
    ) throws(RequestError) -> Double {
        var reader = JSONReader(WholeBody(Array(text.utf8)))
        guard (try? reader.number()) != nil, reader.byte == nil, let value = Double(text) else {
            throw .malformedQuery(field, reason: .notANumber)
        }
        return value
    }
}
