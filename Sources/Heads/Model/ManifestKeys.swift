internal import Predictions

/// The members of an object with the keys `Key`, those of a `model.json` or of a calibration, taken
/// by key with their types checked. `null` is as good as no member.
struct ManifestKeys<Key: CaseNames> {
    fileprivate var values: [String: ManifestValue] = [:]

    init(_ value: ManifestValue) throws(ManifestProblem) {
        guard case .object(let members) = value else {
            throw .syntax("expected a JSON object, found \(value.excerpt)")
        }
        let known = Key.names
        for member in members {
            guard known.contains(member.key) else {
                throw .unknownKey(ManifestExcerpt.cut(member.key), known: known)
            }
            if member.value != .null { values[member.key] = member.value }
        }
    }

    func has(_ key: Key) -> Bool { values[key.rawValue] != nil }

    fileprivate func wrong(
        _ key: Key, _ expected: String, _ found: ManifestValue
    ) -> ManifestProblem {
        .value(key: key.rawValue, expected: "\(expected), not \(found.excerpt)")
    }

    func text(
        _ key: Key, _ expected: String = "a text", where isFit: (String) -> Bool = { _ in true }
    ) throws(ManifestProblem) -> String? {
        guard let value = values[key.rawValue] else { return nil }
        guard case .text(let text) = value, isFit(text) else { throw wrong(key, expected, value) }
        return text
    }

    func flag(_ key: Key) throws(ManifestProblem) -> Bool? {
        guard let value = values[key.rawValue] else { return nil }
        guard case .flag(let flag) = value else { throw wrong(key, "true or false", value) }
        return flag
    }

    func number(
        _ key: Key, _ expected: String, where isFit: (Double) -> Bool
    ) throws(ManifestProblem) -> Double? {
        guard let value = values[key.rawValue] else { return nil }
        guard case .number(let number) = value, isFit(number) else {
            throw wrong(key, expected, value)
        }
        return number
    }

    /// A whole number within 1...`limit`; 2.0 is one.
    func count(
        _ key: Key, _ expected: String = "a whole number of at least 1", atMost limit: Int = .max
    ) throws(ManifestProblem) -> Int? {
        try number(key, expected) { number in
            Int(exactly: number).map { (1...limit).contains($0) } ?? false
        }.map { Int($0) }
    }

    func numbers(
        _ key: Key, _ expected: String, where isFit: ([Double]) -> Bool
    ) throws(ManifestProblem) -> [Double]? {
        guard let value = values[key.rawValue] else { return nil }
        guard case .list(let list) = value, let numbers = Self.numbers(list), isFit(numbers) else {
            throw wrong(key, expected, value)
        }
        return numbers
    }

    private static func numbers(_ list: [ManifestValue]) -> [Double]? {
        let numbers = list.compactMap { value -> Double? in
            if case .number(let number) = value { number } else { nil }
        }
        return numbers.count == list.count ? numbers : nil
    }

    /// A value of an enumeration, by name.
    func name<Name: CaseNames>(_ key: Key) throws(ManifestProblem) -> Name? {
        let names = Name.names.map { "'\($0)'" }.joined(separator: ", ")
        return try text(key, "one of \(names)") { Name(rawValue: $0) != nil }
            .flatMap { Name(rawValue: $0) }
    }
}

extension ManifestKeys<ModelManifest.CodingKeys> {
    func tensors() throws(ManifestProblem) -> TensorNames? {
        guard let value = values[Key.tensors.rawValue] else { return nil }
        guard case .object(let members) = value, !members.isEmpty else {
            throw wrong(.tensors, "an object with one of \(TensorNames.roles)", value)
        }
        return try TensorNames(members)
    }
}

/// The names an enumeration takes in `model.json`, for error messages.
protocol CaseNames: CaseIterable, RawRepresentable<String> {}

extension CaseNames {
    static var names: [String] { allCases.map(\.rawValue) }
}

extension HeadKind: CaseNames {}
extension Link: CaseNames {}
extension DiagonalNoise: CaseNames {}
extension HeadActivation: CaseNames {}
extension Task: CaseNames {}
extension PreLogitsActivation: CaseNames {}
extension Normalization: CaseNames {}
extension TensorNames.Role: CaseNames {}
extension ModelManifest.CodingKeys: CaseNames {}
