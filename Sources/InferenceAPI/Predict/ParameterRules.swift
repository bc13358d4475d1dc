/// The ranges of the parameters, the same for JSON bodies and query strings.
struct ParameterRules {
    let limits: RequestLimits

    /// The names, in the order in which messages list them.
    static let names = [
        "top_k", "samples", "seed", "estimator", "tolerance", "certify", "delta", "outputs",
        "quantile_levels", "labels", "min_probability", "coverage", "abstain_below",
    ]

    func topK(_ value: UInt64?, _ field: RequestField) throws(RequestError) -> Int {
        try integer(value, 0, .max, field)
    }

    func samples(_ value: UInt64?, _ field: RequestField) throws(RequestError) -> Int {
        try integer(value, 1, limits.maxSamples, field)
    }

    func seed(_ value: UInt64?, _ field: RequestField) throws(RequestError) -> UInt64 {
        guard let value else { throw .outOfRange(field, .seed) }
        return value
    }

    func tolerance(_ value: Double, _ field: RequestField) throws(RequestError) -> Double {
        guard value > 0, value.isFinite else { throw .outOfRange(field, .positive) }
        return value
    }

    func delta(_ value: Double, _ field: RequestField) throws(RequestError) -> Double {
        guard value > 0, value <= 0.5 else { throw .outOfRange(field, .errorLevel) }
        return value
    }

    func coverage(_ value: Double, _ field: RequestField) throws(RequestError) -> Double {
        guard value > 0, value < 1 else { throw .outOfRange(field, .between(0, 1)) }
        return value
    }

    func probability(_ value: Double, _ field: RequestField) throws(RequestError) -> Double {
        guard value >= 0, value <= 1 else { throw .outOfRange(field, .probability) }
        return value
    }

    /// Appends a label to a list of at most `maxLabels`.
    func append(
        _ label: LabelName, to labels: inout [LabelName], of list: RequestField
    ) throws(RequestError) {
        guard labels.count < PredictParameters.maxLabels else { throw labelCount(list) }
        labels.append(label)
    }

    /// A list of no labels, or of too many.
    func labelCount(_ field: RequestField) -> RequestError {
        .outOfRange(field, .labels(max: PredictParameters.maxLabels))
    }

    /// Appends a level of a quantile, at the place `field`, to a list of at most
    /// `maxQuantileLevels`.
    func append(
        _ level: Double, _ field: RequestField, to levels: inout [Double], of list: RequestField
    ) throws(RequestError) {
        guard levels.count < PredictParameters.maxQuantileLevels else { throw levelCount(list) }
        let least = levels.last ?? 0
        guard level > least, level < 1 else { throw .outOfRange(field, .between(least, 1)) }
        levels.append(level)
    }

    /// A list of no levels, or of too many.
    func levelCount(_ field: RequestField) -> RequestError {
        .outOfRange(field, .levels(max: PredictParameters.maxQuantileLevels))
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String, _ field: RequestField
    ) throws(RequestError) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let allowed = Choice.allCases.map(\.rawValue)
            throw .unknownChoice(field, found: text, allowed: allowed)
        }
        return choice
    }

    /// Adds a choice to a list in which each may stand once.
    func insert<Choice: RawRepresentable<String> & CaseIterable & Hashable>(
        _ text: String, into choices: inout Set<Choice>, _ field: RequestField
    ) throws(RequestError) {
        guard choices.insert(try choice(text, field)).inserted else {
            throw .repeatedChoice(field, text)
        }
    }

    /// `value` is nil for integers that are not unsigned 64-bit ones.
    private func integer(
        _ value: UInt64?, _ low: Int, _ high: Int, _ field: RequestField
    ) throws(RequestError) -> Int {
        guard let value, let integer = Int(exactly: value), integer >= low, integer <= high else {
            throw .outOfRange(field, .integers(from: low, through: high))
        }
        return integer
    }
}
