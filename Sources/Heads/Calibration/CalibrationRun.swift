internal import LogitKernels
package import Predictions

/// Calibrates a model on rows whose labels are known.
package struct CalibrationRun: Sendable {
    package var method = PredictionSetRule.Method.lac
    /// Samples of a row; nil for the model's own.
    package var sampleCount: Int?
    /// The seed of every row, at most `Calibration.maxSeed`.
    package var seed = 0
    package var estimator = EstimatorChoice.auto
    /// Whether a temperature is fitted, of dense and MHS heads with softmax.
    package var fitsTemperature = false

    private let path: String
    private let model: Model
    private let engine: ComputeEngine

    /// The outcome of a run.
    package struct Report: Sendable {
        package let calibration: Calibration
        /// The model as it is.
        package let before: CalibrationFigures
        /// With the temperature that was fitted; nil where none was.
        package let after: CalibrationFigures?
        /// At each of `expectedCoverages`.
        package let sizes: [SetSizes]
        /// Rows that these sizes are of.
        package var sizedRowCount: Int { sizes[0].sizes.count }
    }

    /// Coverages whose set sizes a report has.
    package static let expectedCoverages = [0.8, 0.9, 0.95]
    /// Rows whose sets are counted, spread over all: their mean size is known to 3 % where sizes
    /// scatter as much as they are large.
    static let maxSizedRows = 1000

    /// - Parameters:
    ///   - path: the path that `model` was loaded from, without a calibration.
    ///   - model: a head without one distribution over its labels is refused.
    package init(path: String, model: Model, engine: ComputeEngine) throws(ModelError) {
        guard model.head.summary.output == .distribution else {
            throw .file(
                path: path,
                reason: "a '\(model.head.summary.kind.rawValue)' head with "
                    + "'\(model.head.summary.link.rawValue)' has no calibration: prediction sets "
                    + "need one distribution over all labels")
        }
        (self.path, self.model, self.engine) = (path, model, engine)
    }

    /// Costs one pass over the rows, about ten more to fit a temperature, and one over some rows
    /// for the sizes.
    ///
    /// - Parameter date: as a calibration has it.
    package func run(_ rows: LabelledRows, date: String) throws(ModelError) -> Report {
        let own = try scan(rows, model.head)
        let temperature = fitsTemperature ? try fit(rows, own.figures.excess) : nil
        let head = try temperature.map { value throws(ModelError) in try tempered(value) }
        let fitted = try head.map { head throws(ModelError) in try scan(rows, head) }
        let used = fitted ?? own
        var calibration = Calibration(
            method: method, date: date, estimator: used.estimator, samples: used.sampleCount,
            seed: seed, scores: used.scores)
        calibration.temperature = temperature
        calibration.weights = model.weights
        calibration.origin = model.digests
        return Report(
            calibration: calibration, before: own.figures, after: fitted?.figures,
            sizes: try sizes(rows, head ?? model.head, calibration))
    }

    // MARK: Temperature

    private func fit(_ rows: LabelledRows, _ excess: Double) throws(ModelError) -> Double {
        let summary = model.head.summary
        guard summary.kind == .dense || summary.kind == .mhs else {
            throw .file(
                path: path,
                reason: "a temperature has no effect on a '\(summary.kind.rawValue)' head; leave "
                    + "--fit-temperature out")
        }
        let fitted = try TemperatureFit.fit(excess) { temperature throws(ModelError) in
            try scan(rows, try tempered(temperature)).figures.excess
        }
        guard let fitted else {
            throw .file(
                path: path,
                reason: "no temperature within a factor of \(Int(TemperatureFit.maxFactor)) fits "
                    + "the rows: they are "
                    + (excess < 0 ? "all, or nearly all, predicted right" : "hardly predicted")
                    + "; give more or other rows, or leave --fit-temperature out")
        }
        return fitted
    }

    /// The model's head with logits that are divided by a temperature too.
    private func tempered(_ temperature: Double) throws(ModelError) -> any Head {
        var (checkpoint, manifest, _) = try ModelSource.find(path).open()
        manifest.fittedTemperature = temperature
        return try HeadRecognition(
            manifest: manifest, checkpoint: checkpoint, weights: model.weights
        ).head()
    }

    // MARK: Rows

    private struct Scan {
        var scores: [Double] = []
        var figures = CalibrationFigures()
        /// The algorithm of the first row, and its samples.
        var estimator = Estimator.exact
        var sampleCount = 0

        mutating func add(_ score: LabelScore, _ uncertainty: Uncertainty) {
            if scores.isEmpty {
                estimator = uncertainty.estimator
                sampleCount = uncertainty.sampleCount ?? 0
            }
            // Roundings may make a probability more than 1.
            scores.append(max(0, score.score))
            figures.add(score, entropy: uncertainty.predictiveEntropy)
        }
    }

    /// The scores of all rows' labels.
    private func scan(_ rows: LabelledRows, _ head: any Head) throws(ModelError) -> Scan {
        var scan = Scan()
        for range in pieces(rows.count) {
            for (score, answer) in try scored(head, rows, Array(range)) {
                guard let uncertainty = answer.uncertainty else {
                    preconditionFailure("one distribution has an entropy")
                }
                scan.add(score, uncertainty)
            }
        }
        return scan
    }

    private func sizes(
        _ rows: LabelledRows, _ head: any Head, _ calibration: Calibration
    ) throws(ModelError) -> [SetSizes] {
        let count = min(rows.count, Self.maxSizedRows)
        let chosen = (0..<count).map { $0 * rows.count / count }
        let thresholds = Self.expectedCoverages.map { calibration.threshold(coverage: $0) }
        var sizes: [[Int]] = []
        for range in pieces(count) {
            sizes += try scored(head, rows, Array(chosen[range]), thresholds).map(\.score.setSizes)
        }
        return Self.expectedCoverages.enumerated().map { index, coverage in
            SetSizes(
                coverage: coverage, threshold: thresholds[index],
                sizes: sizes.map { $0[index] }.sorted())
        }
    }

    /// The rows below `count` in pieces that are predicted at once: at most 128, fewer of so many
    /// classes that their logits take more than 64 MiB.
    private func pieces(_ count: Int) -> [Range<Int>] {
        let size = min(128, max(1, (1 << 24) / model.head.summary.classCount))
        return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }

    /// The scores of the labels of some rows, which are in ascending order, and the answers.
    private func scored(
        _ head: any Head, _ rows: LabelledRows, _ indices: [Int], _ thresholds: [Double?] = []
    ) throws(ModelError) -> [(score: LabelScore, answer: Prediction)] {
        var features = FeatureRows(width: model.head.summary.inputCount)
        for range in indices.runs {
            features.append(try rows.features(range), rows: 0..<range.count)
        }
        let options = RowOptions(
            topK: 0, sampleCount: sampleCount ?? model.head.summary.defaultSampleCount ?? 1,
            seed: UInt64(seed), estimator: estimator, wantsProbabilities: false)
        do throws(UnscoredRow) {
            return try head.scoredAnswers(
                of: features, labels: indices.map { rows.labels[$0] },
                by: PredictionSetRule(method: method, coverage: 0.5, threshold: nil),
                sizedThresholds: thresholds, options: options,
                ComputeContext(kernel: engine.kernel))
        } catch {
            throw rows.refusal(ofRow: indices[error.row], error.outcome)
        }
    }
}

extension [Int] {
    /// Ascending numbers as ranges of those that follow one another.
    fileprivate var runs: [Range<Int>] {
        var runs: [Range<Int>] = []
        for number in self {
            if let last = runs.last, last.upperBound == number {
                runs[runs.count - 1] = last.lowerBound..<number + 1
            } else {
                runs.append(number..<number + 1)
            }
        }
        return runs
    }
}
