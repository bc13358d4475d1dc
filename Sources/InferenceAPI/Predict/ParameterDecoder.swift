/// Reads the `parameters` object of a JSON body.
struct ParameterDecoder {
    let rules: ParameterRules
    let instanceCount: Int
    let pointer = JSONPointer().appending("parameters")

    func decode(_ object: JSONValue) throws(RequestError) -> PredictParameters {
        let names = ParameterRules.names
        let values = try JSONObjectReader.members(of: object, keys: names, at: pointer)
        var parameters = PredictParameters()
        for (name, value) in zip(names, values) {
            guard let value else { continue }
            try set(name, to: value, at: pointer.appending(name), in: &parameters)
        }
        return parameters
    }

    private func set(
        _ name: String, to value: JSONValue, at pointer: JSONPointer,
        in parameters: inout PredictParameters
    ) throws(RequestError) {
        let field = RequestField.body(pointer)
        switch name {
        case "top_k": parameters.topK = try rules.topK(unsigned(value, field), field)
        case "samples": parameters.sampleCount = try rules.samples(unsigned(value, field), field)
        case "seed": parameters.seeds = try seeds(value, at: pointer)
        case "estimator": parameters.estimator = try rules.choice(string(value, field), field)
        case "outputs": parameters.outputs = try outputs(value, at: pointer)
        default:
            guard let number = value.double else {
                throw .wrongType(field, expected: [.number], found: value.kind)
            }
            parameters.tolerance = try rules.tolerance(number, field)
        }
    }

    private func seeds(
        _ value: JSONValue, at pointer: JSONPointer
    ) throws(RequestError) -> [UInt64] {
        let field = RequestField.body(pointer)
        guard value.kind == .array else {
            let expected: [JSONKind] = [.unsignedInteger, .array]
            return [try rules.seed(unsigned(value, field, expected: expected), field)]
        }
        let count = value.elementCount
        if count != instanceCount {
            throw .seedCount(field, found: count, instances: instanceCount)
        }
        var seeds: [UInt64] = []
        seeds.reserveCapacity(count)
        for seed in value.elements {
            let field = RequestField.body(pointer.appending(seeds.count))
            seeds.append(try rules.seed(unsigned(seed, field), field))
        }
        return seeds
    }

    private func outputs(
        _ value: JSONValue, at pointer: JSONPointer
    ) throws(RequestError) -> Set<PredictParameters.Output> {
        guard value.kind == .array else {
            throw .wrongType(.body(pointer), expected: [.array], found: value.kind)
        }
        var outputs: Set<PredictParameters.Output> = []
        for (index, element) in value.elements.enumerated() {
            let field = RequestField.body(pointer.appending(index))
            outputs.insert(try rules.choice(string(element, field), field))
        }
        return outputs
    }

    /// Nil for an integer that is negative or too large: which range it misses is the caller's.
    private func unsigned(
        _ value: JSONValue, _ field: RequestField, expected: [JSONKind] = [.unsignedInteger]
    ) throws(RequestError) -> UInt64? {
        switch value.unsignedInteger {
        case .value(let integer): return integer
        case .outside: return nil
        case .wrongType(let kind): throw .wrongType(field, expected: expected, found: kind)
        }
    }

    private func string(
        _ value: JSONValue, _ field: RequestField
    ) throws(RequestError) -> String {
        guard let string = value.string else {
            throw .wrongType(field, expected: [.string], found: value.kind)
        }
        return string
    }
}
