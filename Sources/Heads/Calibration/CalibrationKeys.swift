internal import LogitKernels
internal import Predictions

extension Calibration {
    /// The members of a `calibration.json`.
    enum CodingKeys: String, CaseNames {
        case method
        case rows
        case date
        case estimator
        case samples
        case seed
        case weights
        case rankPenalty = "lambda"
        case rankLimit = "k_reg"
        case temperature
        case checkpoint = "checkpoint_sha256"
        case manifest = "model_json_sha256"
        case scores
    }

    /// Reads the members, each with its type and range.
    ///
    /// - Parameter isPart: whether they are in the checkpoint itself, which has no digest of its
    ///   own.
    init(
        _ keys: ManifestKeys<CodingKeys>, isPartOfCheckpoint isPart: Bool
    ) throws(ManifestProblem) {
        method = try keys.needed(.method, try keys.name(.method))
        date = try keys.needed(
            .date, try keys.text(.date, CalibrationDate.form, where: CalibrationDate.isOne))
        estimator = try keys.needed(.estimator, try keys.name(.estimator))
        samples = try keys.whole(.samples, 0...ModelManifest.maxSamples)
        seed = try keys.whole(.seed, 0...Self.maxSeed)
        weights = try keys.name(.weights) ?? .float32
        temperature = try keys.number(
            .temperature, ModelManifest.positive, where: ModelManifest.isPositive)
        origin = try Self.origin(keys, isPartOfCheckpoint: isPart)
        scores = try Self.scores(keys, of: method)
        try readRankTerm(keys)
    }

    private mutating func readRankTerm(
        _ keys: ManifestKeys<CodingKeys>
    ) throws(ManifestProblem) {
        guard method == .raps else {
            for key in [CodingKeys.rankPenalty, .rankLimit] {
                try keys.refuse(key, "absent: only the method 'raps' has it")
            }
            return
        }
        rankPenalty = try keys.needed(
            .rankPenalty,
            try keys.number(.rankPenalty, "a number from 0 to 1") { (0...1).contains($0) })
        rankLimit = try keys.whole(.rankLimit, 0...Int(Int32.max))
    }

    private static func origin(
        _ keys: ManifestKeys<CodingKeys>, isPartOfCheckpoint: Bool
    ) throws(ManifestProblem) -> ModelDigests? {
        guard !isPartOfCheckpoint else {
            for key in [CodingKeys.checkpoint, .manifest] {
                try keys.refuse(
                    key, "absent: the calibration in a checkpoint is of that checkpoint")
            }
            return nil
        }
        let form = "64 hexadecimal digits in lower case"
        return ModelDigests(
            checkpoint: try keys.needed(
                .checkpoint, try keys.text(.checkpoint, form, where: isDigest)),
            manifest: try keys.text(.manifest, form, where: isDigest))
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
            }
    }

    // MARK: Scores

    private static func scores(
        _ keys: ManifestKeys<CodingKeys>, of method: PredictionSetRule.Method
    ) throws(ManifestProblem) -> [Double] {
        let scores = try keys.needed(
            .scores, try keys.numbers(.scores, "a list of numbers") { _ in true })
        let rowCount = try keys.whole(.rows, 1...maxRowCount)
        guard scores.count == rowCount else {
            throw keys.problem(
                .scores, "a list of \(rowCount) numbers, as 'rows' says, not of \(scores.count)")
        }
        var previous = 0.0
        for (index, score) in scores.enumerated() {
            guard score >= 0, score <= method.largestScore else {
                throw keys.problem(
                    .scores,
                    "a list of numbers from 0"
                        + (method == .raps ? "" : " to \(method.largestScore)")
                        + ", but has \(score) at index \(index)")
            }
            guard score >= previous else {
                throw keys.problem(
                    .scores,
                    "ascending, but has \(score) at index \(index) behind \(previous)")
            }
            previous = score
        }
        return scores
    }
}

extension PredictionSetRule.Method: CaseNames {
    /// The largest score that a label may have: a sum of probabilities may be rounded up, and the
    /// terms of RAPS grow with the rank.
    fileprivate var largestScore: Double {
        switch self {
        case .lac: 1
        case .aps: 1.001
        case .raps: .greatestFiniteMagnitude
        }
    }
}

extension Estimator: CaseNames {}
extension WeightFormat: CaseNames {}

/// The text of a date in a calibration.
enum CalibrationDate {
    static let form = "a date such as 2026-12-01T09:30:00Z"

    /// Whether digits and marks stand where they belong; the calendar is not asked.
    static func isOne(_ text: String) -> Bool {
        let pattern = "dddd-dd-ddTdd:dd:ddZ".utf8
        return text.utf8.count == pattern.count
            && zip(text.utf8, pattern).allSatisfy { byte, mark in
                mark == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == mark
            }
    }
}

extension ManifestKeys<Calibration.CodingKeys> {
    /// The value of a member that must be there.
    fileprivate func needed<Value>(
        _ key: Calibration.CodingKeys, _ value: Value?
    ) throws(ManifestProblem) -> Value {
        guard let value else { throw problem(key, "there; run headserve calibrate again") }
        return value
    }

    fileprivate func whole(
        _ key: Calibration.CodingKeys, _ range: ClosedRange<Int>
    ) throws(ManifestProblem) -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        let number = try number(key, expected) { number in
            Int(exactly: number).map(range.contains) ?? false
        }
        return Int(try needed(key, number))
    }

    fileprivate func refuse(
        _ key: Calibration.CodingKeys, _ expected: String
    ) throws(ManifestProblem) {
        guard has(key) else { return }
        throw problem(key, expected)
    }

    fileprivate func problem(
        _ key: Calibration.CodingKeys, _ expected: String
    ) -> ManifestProblem {
        .value(key: key.rawValue, expected: expected)
    }
}
