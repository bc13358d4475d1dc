internal import Heads
internal import InferenceAPI
internal import Predictions

/// A loaded model with its metrics, run times and encoded description.
package final class ServedModel: Sendable {
    /// Number in order of loading, unique in the process. The keys of its batches are made of it,
    /// so that a model and its successor never share one.
    let ordinal: Int
    let model: Model
    let metrics: ModelMetrics
    let runTimes = RunTimesByKind()
    let summary: HeadSummary
    /// The labels as requests name them.
    let labels: LabelIndex
    /// The model as answers name it.
    let identity: AnsweringModel
    /// The object that `/v1/models` shows.
    let description: [UInt8]

    init(ordinal: Int, model: Model, golden: GoldenReport? = nil, metrics: ModelMetrics) {
        self.ordinal = ordinal
        self.model = model
        self.metrics = metrics
        summary = model.head.summary
        labels = LabelIndex(model)
        identity = AnsweringModel(
            name: model.name, version: model.version, summary: summary,
            label: { model.label($0) })
        description = Self.describe(model, golden)
    }

    /// The rule of its prediction sets of a coverage in (0, 1); nil where it is not calibrated.
    func predictionSetRule(coverage: Double) -> PredictionSetRule? {
        model.calibration?.rule(coverage: coverage)
    }

    /// Whether its rows are estimated from samples.
    var hasSamples: Bool { summary.defaultSampleCount != nil }

    private static func describe(_ model: Model, _ golden: GoldenReport?) -> [UInt8] {
        let summary = model.head.summary
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("name", model.name)
        writer.member("version", model.version)
        writer.member("head", summary.kind.rawValue)
        writer.member("link", summary.link.rawValue)
        writer.member("inputs", summary.inputCount)
        writer.member("classes", summary.classCount)
        if let factors = summary.factorCount { writer.member("factors", factors) }
        if let samples = summary.defaultSampleCount { writer.member("default_samples", samples) }
        writer.member("weights", model.weightsName)
        writer.member("ready", true)
        writer.member("sha256", model.sha256)
        if let golden {
            writer.key("golden")
            writer.beginObject()
            writer.member("rows", golden.rowCount)
            // Differences of probabilities are finite.
            try? writer.member("max_difference", Float(golden.maxDifference))
            try? writer.member("mean_difference", Float(golden.meanDifference))
            writer.endObject()
        }
        if let calibration = model.calibration { describe(calibration, to: &writer) }
        writer.endObject()
        return writer.bytes
    }

    private static func describe(_ calibration: Calibration, to writer: inout JSONWriter) {
        writer.key("calibration")
        writer.beginObject()
        writer.member("method", calibration.method.rawValue)
        writer.member("rows", calibration.rowCount)
        writer.member("date", calibration.date)
        writer.member("estimator", calibration.estimator.rawValue)
        writer.member("samples", calibration.samples)
        writer.member("seed", calibration.seed)
        // It was read as a number that float32 holds.
        if let temperature = calibration.temperature {
            try? writer.member("temperature", Float(temperature))
        }
        writer.endObject()
    }
}
