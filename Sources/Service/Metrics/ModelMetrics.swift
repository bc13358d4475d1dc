internal import Predictions
internal import Telemetry

/// Counters and histograms of answers, with one child a model.
struct AnswerMetrics: Sendable {
    private let samples: MetricFamily<Counter>
    private let entropy: MetricFamily<Histogram>
    private let probability: MetricFamily<Histogram>
    private let setSize: MetricFamily<Histogram>
    private let abstentions: MetricFamily<Counter>
    private let unconverged: MetricFamily<Counter>

    init(_ registry: MetricRegistry) throws(MetricError) {
        samples = try registry.counter(
            "headserve_samples_total", help: "Samples (draws or points) taken.", labels: ["model"])
        entropy = try registry.histogram(
            "headserve_predictive_entropy_nats", help: "Predictive entropy of answers.",
            labels: ["model"], bounds: .entropy)
        probability = try registry.histogram(
            "headserve_max_probability", help: "Largest probability of answers.",
            labels: ["model"], bounds: .probability)
        setSize = try registry.histogram(
            "headserve_prediction_set_size", help: "Labels of prediction sets.",
            labels: ["model"], bounds: .setSizes)
        abstentions = try registry.counter(
            "headserve_abstentions_total", help: "Answers that abstain, as abstain_below asks.",
            labels: ["model"])
        unconverged = try registry.counter(
            "headserve_not_converged_total",
            help: "Answers whose samples did not reach the tolerance.", labels: ["model"])
    }

    /// The metrics of one model, at zero unless a model of that name was loaded before.
    func register(model: String) -> ModelMetrics {
        ModelMetrics(
            samples: samples.child(model), entropy: entropy.child(model),
            probability: probability.child(model), setSize: setSize.child(model),
            abstentions: abstentions.child(model), unconverged: unconverged.child(model))
    }
}

/// The metrics of one model.
package struct ModelMetrics: Sendable {
    let samples: Counter
    let entropy: Histogram
    let probability: Histogram
    let setSize: Histogram
    let abstentions: Counter
    let unconverged: Counter

    /// Counts an answer, but for its samples.
    func count(_ answer: Prediction) {
        if let set = answer.set { setSize.observe(Double(set.labels.count)) }
        if answer.abstains == true { abstentions.increment() }
        guard let uncertainty = answer.uncertainty else { return }
        entropy.observe(uncertainty.predictiveEntropy)
        if let largest = uncertainty.maxProbability { probability.observe(Double(largest)) }
        if uncertainty.isConverged == false { unconverged.increment() }
    }
}
