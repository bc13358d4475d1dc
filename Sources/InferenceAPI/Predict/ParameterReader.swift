/// Reads the `parameters` object of a JSON body.
struct ParameterReader {
    let rules: ParameterRules
    /// Its place in the body.
    private static let pointer = JSONPointer().appending("parameters")
    /// Bytes of the longest text that may be a choice, and more than that.
    private static let maxChoiceBytes = 256

    private(set) var parameters = PredictParameters()
    /// Whether there is a list of seeds, which has one for each instance.
    private var hasSeedList = false

    init(limits: RequestLimits) {
        rules = ParameterRules(limits: limits)
    }

    /// Reads the object; `instanceCount` is nil where the instances come later.
    mutating func read(
        _ reader: inout JSONReader, instanceCount: Int?
    ) throws(RequestError) {
        guard reader.byte == UInt8(ascii: "{") else {
            throw reader.wrongType([.object], found: try reader.kind())
        }
        let names = ParameterRules.names
        _ = try reader.object(keys: names) { key, reader throws(RequestError) in
            try set(names[key], from: &reader, instanceCount)
        }
        try parameters.checkBonds(.json)
    }

    /// The parameters of so many instances.
    func finish(instanceCount: Int) throws(RequestError) -> PredictParameters {
        if hasSeedList, parameters.seeds.count != instanceCount {
            throw .seedCount(
                .body(Self.pointer.appending("seed")), found: .exactly(parameters.seeds.count),
                instances: instanceCount)
        }
        return parameters
    }

    private mutating func set(
        _ name: String, from reader: inout JSONReader, _ instanceCount: Int?
    ) throws(RequestError) {
        let field = RequestField.body(reader.pointer)
        switch name {
        case "top_k": parameters.topK = try rules.topK(Self.unsigned(&reader), field)
        case "samples": parameters.sampleCount = try rules.samples(Self.unsigned(&reader), field)
        case "seed": try readSeeds(&reader, instanceCount, field)
        case "estimator": parameters.estimator = try rules.choice(Self.string(&reader), field)
        case "tolerance": parameters.tolerance = try rules.tolerance(Self.number(&reader), field)
        case "certify": parameters.certificate = try rules.choice(Self.string(&reader), field)
        case "delta": parameters.delta = try rules.delta(Self.number(&reader), field)
        case "outputs": parameters.outputs = try readOutputs(&reader)
        case "quantile_levels": parameters.quantileLevels = try readLevels(&reader, field)
        case "labels": parameters.labels = try readLabels(&reader, field)
        case "min_probability":
            parameters.minProbability = try rules.probability(Self.number(&reader), field)
        case "coverage": parameters.coverage = try rules.coverage(Self.number(&reader), field)
        default:
            parameters.abstainBelow = try rules.probability(Self.number(&reader), field)
        }
    }

    private mutating func readSeeds(
        _ reader: inout JSONReader, _ instanceCount: Int?, _ field: RequestField
    ) throws(RequestError) {
        guard reader.byte == UInt8(ascii: "[") else {
            let expected: [JSONKind] = [.unsignedInteger, .array]
            parameters.seeds = [try rules.seed(Self.unsigned(&reader, expected), field)]
            return
        }
        hasSeedList = true
        var seeds: [UInt64] = []
        _ = try reader.array { index, reader throws(RequestError) in
            if let instanceCount, index == instanceCount {
                throw .seedCount(
                    field, found: reader.countElements(after: index), instances: instanceCount)
            }
            if index == rules.limits.maxRows {
                throw .tooManyRows(field, limit: rules.limits.maxRows)
            }
            // The pointer of one seed in thousands is made for errors only.
            guard let value = try Self.unsigned(&reader) else {
                throw .outOfRange(.body(reader.pointer), .seed)
            }
            seeds.append(value)
        }
        parameters.seeds = seeds
    }

    private func readOutputs(
        _ reader: inout JSONReader
    ) throws(RequestError) -> Set<PredictParameters.Output> {
        guard reader.byte == UInt8(ascii: "[") else {
            throw reader.wrongType([.array], found: try reader.kind())
        }
        var outputs: Set<PredictParameters.Output> = []
        _ = try reader.array { _, reader throws(RequestError) in
            let text = try Self.string(&reader)
            try rules.insert(text, into: &outputs, .body(reader.pointer))
        }
        return outputs
    }

    private func readLevels(
        _ reader: inout JSONReader, _ field: RequestField
    ) throws(RequestError) -> [Double] {
        guard reader.byte == UInt8(ascii: "[") else {
            throw reader.wrongType([.array], found: try reader.kind())
        }
        var levels: [Double] = []
        let count = try reader.array { _, reader throws(RequestError) in
            let level = try Self.number(&reader)
            try rules.append(level, .body(reader.pointer), to: &levels, of: field)
        }
        if count == 0 { throw rules.levelCount(field) }
        return levels
    }

    private func readLabels(
        _ reader: inout JSONReader, _ field: RequestField
    ) throws(RequestError) -> [LabelName] {
        guard reader.byte == UInt8(ascii: "[") else {
            throw reader.wrongType([.array], found: try reader.kind())
        }
        var labels: [LabelName] = []
        let count = try reader.array { _, reader throws(RequestError) in
            try rules.append(Self.label(&reader), to: &labels, of: field)
        }
        if count == 0 { throw rules.labelCount(field) }
        return labels
    }

    private static func label(_ reader: inout JSONReader) throws(RequestError) -> LabelName {
        if let name = try reader.stringValue(maxBytes: LabelName.maxBytes) {
            guard name.isWhole else {
                throw .unknownLabel(.body(reader.pointer), .name(name.text))
            }
            return .name(name.text)
        }
        return .index(try unsigned(&reader, [.unsignedInteger, .string]))
    }

    /// Nil for an integer that is negative or too large: which range it misses is the caller's.
    private static func unsigned(
        _ reader: inout JSONReader, _ expected: [JSONKind] = [.unsignedInteger]
    ) throws(RequestError) -> UInt64? {
        switch try reader.unsignedInteger() {
        case .value(let integer): return integer
        case .outside: return nil
        case .wrongType(let kind): throw reader.wrongType(expected, found: kind)
        }
    }

    private static func number(_ reader: inout JSONReader) throws(RequestError) -> Double {
        guard let number = try reader.double() else {
            throw reader.wrongType([.number], found: try reader.kind())
        }
        return number
    }

    private static func string(_ reader: inout JSONReader) throws(RequestError) -> String {
        guard let string = try reader.stringValue(maxBytes: maxChoiceBytes) else {
            throw reader.wrongType([.string], found: try reader.kind())
        }
        return string.text
    }
}
