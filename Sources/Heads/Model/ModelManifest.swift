package import Predictions

/// The contents of `model.json`: the facts that a checkpoint does not store. All keys are optional
/// here; recognition asks for those that the checkpoint at hand needs.
package struct ModelManifest: Sendable, Equatable {
    package var checkpoint: String?
    package var head: HeadKind?
    package var link: Link?
    /// Logits are divided by it.
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
    /// Logits are multiplied by it.
    package var scale: Double?
    /// Added to every logit behind scale and temperature.
    package var bias: Double?
    /// The length that instances are brought to first.
    package var normalize: Normalization?
    /// Whether the rows of the weights are scaled to unit length.
    package var normalizeWeights: Bool?
    package var prefix: String?
    package var tensors: TensorNames?
    package var preLogits: PreLogitsActivation?
    package var labels: String?
    package var version: String?

    /// Samples where no one says how many: the default, or fewer where the server allows fewer.
    var fallbackSamples = defaultSamples
    /// A temperature that a calibration has fitted: the logits of dense and MHS heads are divided
    /// by it and by `temperature`. No key of the file.
    var fittedTemperature: Double?

    package init() {}

    /// Samples a model draws when neither its manifest nor the request gives a number.
    package static let defaultSamples = 1000
    /// Samples a manifest may ask for: a thousand times what is usual in the field, and few enough
    /// to end.
    package static let maxSamples = 10_000_000
    package static let defaultVersion = "1"
    /// Scale of the cosines of an ArcFace head, as its authors trained it.
    package static let defaultScale = 64.0

    /// Parses the bytes of a `model.json`: JSON in UTF-8, a byte order mark in front or not.
    ///
    /// Refuses text that is no JSON with its line and column, and by name a key that stands twice
    /// or is unknown and a value of a wrong type or range. Cost O(n).
    package static func parse(_ bytes: [UInt8], path: String) throws(ModelError) -> ModelManifest {
        do throws(ManifestProblem) {
            return try ModelManifest(try ManifestKeys(try ManifestScanner.value(of: bytes)))
        } catch {
            throw error.located(in: path)
        }
    }
}

/// The length that instances are scaled to, by the names `model.json` uses.
package enum Normalization: String, Sendable, CaseIterable {
    case none
    /// Unit Euclidean length.
    case l2
}

extension ModelManifest {
    enum CodingKeys: String, CaseIterable {
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
        case bias
        case normalize
        case normalizeWeights = "normalize_weights"
        case prefix
        case tensors
        case preLogits = "pre_logits"
        case labels
        case version
    }

    init(_ keys: ManifestKeys<CodingKeys>) throws(ManifestProblem) {
        checkpoint = try keys.text(.checkpoint)
        head = try keys.name(.head)
        link = try keys.name(.link)
        diagonalNoise = try keys.name(.diagonalNoise)
        headActivation = try keys.name(.headActivation)
        task = try keys.name(.task)
        normalize = try keys.name(.normalize)
        normalizeWeights = try keys.flag(.normalizeWeights)
        preLogits = try keys.name(.preLogits)
        prefix = try keys.text(.prefix)
        tensors = try keys.tensors()
        labels = try keys.text(.labels)
        version = try keys.text(
            .version, "a text of 1 to \(Self.maxVersionBytes) bytes without control characters"
        ) { text in
            (1...Self.maxVersionBytes).contains(text.utf8.count)
                && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        }
        try readNumbers(keys)
    }

    private mutating func readNumbers(_ keys: ManifestKeys<CodingKeys>) throws(ManifestProblem) {
        temperature = try keys.number(.temperature, Self.positive, where: Self.isPositive)
        scale = try keys.number(.scale, Self.positive, where: Self.isPositive)
        bias = try keys.number(.bias, "a number within float32") { Float($0).isFinite }
        temperatureBounds = try keys.numbers(
            .temperatureBounds, "two numbers [lo, hi] with 0 <= lo < hi, within float32"
        ) { $0.count == 2 && $0[0] >= 0 && $0[0] < $0[1] && Self.isPositive($0[1]) }
        samples = try keys.count(
            .samples, "a whole number from 1 to \(Self.maxSamples)", atMost: Self.maxSamples)
        classes = try keys.count(.classes)
        beam = try keys.count(.beam)
        heads = try keys.numbers(.heads, "a list of whole numbers of at least 1") { sizes in
            let whole = sizes.compactMap { Int(exactly: $0) }
            return whole.count == sizes.count && MixedRadix.codeCount(whole) != nil
        }?.map { Int($0) }
    }

    /// The version stands in every answer and in the metrics.
    static let maxVersionBytes = 128

    static let positive = "a positive number within float32"

    /// Heads compute in float32, where a smaller number is subnormal or zero and a larger one
    /// infinite.
    static func isPositive(_ value: Double) -> Bool { Float(value).isNormal && value > 0 }
}
