internal import FoundationEssentials
package import Predictions

/// The contents of `model.json`: the facts that a checkpoint does not store. All keys are optional
/// here; recognition asks for those that the checkpoint at hand needs.
package struct ModelManifest: Sendable {
    package var checkpoint: String?
    package var head: HeadKind?
    package var link: Link?
    package var temperature: Double?
    /// Bounds lo < hi of a learned temperature.
    package var temperatureBounds: [Double]?
    package var diagonalNoise: DiagonalNoise?
    package var samples: Int?
    package var heads: [Int]?
    package var classes: Int?
    package var headActivation: HeadActivation?
    package var task: Task?
    package var beam: Int?
    package var scale: Double?
    package var prefix: String?
    package var preLogits: PreLogitsActivation?
    package var labels: String?
    package var version: String?

    package init() {}

    /// Samples a model draws when neither its manifest nor the request gives a number.
    package static let defaultSamples = 1000
    /// Samples a manifest may ask for: a thousand times what is usual in the field, and few enough
    /// to end.
    package static let maxSamples = 10_000_000
    package static let defaultVersion = "1"
    /// Scale of the cosines of an ArcFace head, as its authors trained it.
    package static let defaultScale = 64.0

    /// Parses the bytes of a `model.json`.
    package static func parse(_ bytes: [UInt8], path: String) throws(ModelError) -> ModelManifest {
        do {
            return try JSONDecoder().decode(ModelManifest.self, from: Data(bytes))
        } catch let error as ManifestProblem {
            throw error.located(in: path)
        } catch let error as DecodingError {
            throw ManifestProblem(error).located(in: path)
        } catch {
            throw .manifestSyntax(path: path, reason: "\(error)")
        }
    }
}

extension ModelManifest: Decodable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case checkpoint
        case head
        case link
        case temperature
        case temperatureBounds = "temperature_bounds"
        case diagonalNoise = "diagonal_noise"
        case samples
        case heads
        case classes
        case headActivation = "head_activation"
        case task
        case beam
        case scale
        case prefix
        case preLogits = "pre_logits"
        case labels
        case version
    }

    package init(from decoder: any Decoder) throws {
        try Self.refuseUnknownKeys(decoder)
        let values = try decoder.container(keyedBy: CodingKeys.self)
        checkpoint = try values.decodeIfPresent(String.self, forKey: .checkpoint)
        head = try values.name(.head)
        link = try values.name(.link)
        diagonalNoise = try values.name(.diagonalNoise)
        headActivation = try values.name(.headActivation)
        task = try values.name(.task)
        preLogits = try values.name(.preLogits)
        prefix = try values.decodeIfPresent(String.self, forKey: .prefix)
        labels = try values.decodeIfPresent(String.self, forKey: .labels)
        version = try values.checked(
            .version, "a text of 1 to \(Self.maxVersionBytes) bytes without control characters"
        ) { (text: String) in
            (1...Self.maxVersionBytes).contains(text.utf8.count)
                && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        }
        try decodeNumbers(values)
    }

    private mutating func decodeNumbers(
        _ values: KeyedDecodingContainer<CodingKeys>
    ) throws {
        temperature = try values.checked(.temperature, Self.positive, Self.isPositive)
        scale = try values.checked(.scale, Self.positive, Self.isPositive)
        temperatureBounds = try values.checked(
            .temperatureBounds, "two numbers [lo, hi] with 0 <= lo < hi, within float32"
        ) { $0.count == 2 && $0[0] >= 0 && $0[0] < $0[1] && Self.isPositive($0[1]) }
        samples = try values.checked(
            .samples, "a whole number from 1 to \(Self.maxSamples)"
        ) { (value: Double) in
            (1...Double(Self.maxSamples)).contains(value) && Int(exactly: value) != nil
        }.map { Int($0) }
        classes = try values.count(.classes)
        beam = try values.count(.beam)
        heads = try values.checked(.heads, "whole numbers of at least 1") { (sizes: [Double]) in
            MixedRadix.codeCount(sizes.compactMap { Int(exactly: $0) }) != nil
                && sizes.allSatisfy { Int(exactly: $0) != nil }
        }?.map { Int($0) }
    }

    /// The version stands in every answer and in the metrics.
    static let maxVersionBytes = 128

    private static let positive = "a positive number within float32"

    /// Heads compute in float32, where a smaller number is subnormal or zero and a larger one
    /// infinite.
    private static func isPositive(_ value: Double) -> Bool { Float(value).isNormal && value > 0 }

    private static func refuseUnknownKeys(_ decoder: any Decoder) throws {
        let known = CodingKeys.allCases.map(\.rawValue)
        let all = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        if let unknown = all.sorted().first(where: { !known.contains($0) }) {
            throw ManifestProblem.unknownKey(unknown, known: known)
        }
    }
}

/// A key of any name, to see which keys a file has.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}

/// A problem in a manifest, before the place of the manifest is known.
private enum ManifestProblem: Error {
    case unknownKey(String, known: [String])
    case value(key: String, expected: String)
    case syntax(String)

    init(_ error: DecodingError) {
        switch error {
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let key = context.codingPath.first?.stringValue
            self =
                key.map { .value(key: $0, expected: "of type \(type)") }
                ?? .syntax("expected a JSON object")
        case .dataCorrupted(let context), .keyNotFound(_, let context):
            self = .syntax("not valid JSON: \(context.debugDescription)")
        @unknown default:
            self = .syntax("\(error)")
        }
    }

    func located(in path: String) -> ModelError {
        switch self {
        case .unknownKey(let key, let known):
            .unknownManifestKey(path: path, key: key, known: known)
        case .value(let key, let expected): .manifestValue(path: path, key: key, expected: expected)
        case .syntax(let reason): .manifestSyntax(path: path, reason: reason)
        }
    }
}

extension KeyedDecodingContainer<ModelManifest.CodingKeys> {
    /// A value of an enumeration, by name.
    fileprivate func name<Name: RawRepresentable & CaseNames>(
        _ key: Key
    ) throws -> Name? where Name.RawValue == String {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let name = Name(rawValue: text) else {
            throw ManifestProblem.value(
                key: key.rawValue,
                expected: "one of " + Name.names.map { "'\($0)'" }.joined(separator: ", "))
        }
        return name
    }

    /// A whole number of at least 1. Decoded as a fraction, because a fraction in the place of an
    /// integer would be reported as bad JSON, without its key.
    fileprivate func count(_ key: Key) throws -> Int? {
        try checked(key, "a whole number of at least 1") { (value: Double) in
            value >= 1 && Int(exactly: value) != nil
        }.map { Int($0) }
    }

    /// A value that must satisfy a condition.
    fileprivate func checked<Value: Decodable>(
        _ key: Key, _ expected: String, _ holds: (Value) -> Bool
    ) throws -> Value? {
        guard let value = try decodeIfPresent(Value.self, forKey: key) else { return nil }
        guard holds(value) else {
            throw ManifestProblem.value(key: key.rawValue, expected: expected)
        }
        return value
    }
}

/// The names an enumeration takes in `model.json`, for error messages.
private protocol CaseNames: CaseIterable, RawRepresentable<String> {}

extension CaseNames {
    static var names: [String] { allCases.map(\.rawValue) }
}

extension HeadKind: CaseNames {}
extension Link: CaseNames {}
extension DiagonalNoise: CaseNames {}
extension HeadActivation: CaseNames {}
extension Task: CaseNames {}
extension PreLogitsActivation: CaseNames {}
