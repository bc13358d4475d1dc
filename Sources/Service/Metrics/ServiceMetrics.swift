internal import Heads
internal import Logs
internal import Predictions
internal import Synchronization
internal import Telemetry

/// Every metric of the service, registered at zero when it starts.
package final class ServiceMetrics: Sendable {
    let registry = MetricRegistry()
    let requests: MetricFamily<Counter>
    let requestDuration: MetricFamily<Histogram>
    let queueDuration: Histogram
    let batchDuration: Histogram
    let batchRows: Histogram
    private let inflight = InflightCounts()
    let rejected: MetricFamily<Counter>
    let cancelled: Counter
    private let answers: AnswerMetrics
    let reloads: MetricFamily<Counter>
    private let modelInfo: InfoMetric
    private let modelReady: MetricFamily<Gauge>
    private let routes: RouteLabels

    /// Reasons to refuse work: the label values of `headserve_rejected_total`.
    enum Rejection: String, CaseIterable {
        case queueFull = "queue_full"
        case deadline
        case draining
        case notReady = "not_ready"
        /// A connection from an address that has as many as it may.
        case connections
    }

    /// - Parameters:
    ///   - kernel: the instruction set that computes.
    ///   - routes: the label values of `route`.
    ///   - queueRows: reads the rows that wait now.
    init(
        buildVersion: String, kernel: String, routes: RouteLabels,
        queueRows: @escaping @Sendable () -> Double
    ) throws(MetricError) {
        self.routes = routes
        requests = try registry.counter(
            "headserve_requests_total", help: "Requests answered.",
            labels: ["route", "model", "code"], maxChildren: 1024)
        requestDuration = try registry.histogram(
            "headserve_request_duration_seconds",
            help: "From a request's arrival to its answer's hand-over.", labels: ["route"],
            bounds: .latency)
        queueDuration = try registry.histogram(
            "headserve_queue_duration_seconds", help: "From admission to a batch's start.",
            bounds: .latency)
        batchDuration = try registry.histogram(
            "headserve_batch_duration_seconds", help: "Computation of a batch.", bounds: .latency)
        batchRows = try registry.histogram(
            "headserve_batch_rows", help: "Rows of a batch.", bounds: .rows)
        try registry.register(
            ObservedGauge(
                "headserve_inflight_requests", help: "Requests without an answer yet."
            ) { [inflight] in Double(inflight.sum) })
        rejected = try registry.counter(
            "headserve_rejected_total",
            help: "Prediction requests refused before computation, and connections from an "
                + "address that has too many.",
            labels: ["reason"])
        cancelled = try registry.counter(
            "headserve_cancelled_total", help: "Requests whose client left before the answer.")
        answers = try AnswerMetrics(registry)
        reloads = try registry.counter(
            "headserve_reloads_total", help: "Reloads of models and credentials.",
            labels: ["result"])
        modelInfo = try registry.info(
            "headserve_model_info", help: "A model in service; always 1.",
            labels: ["model", "version", "head", "sha256"])
        modelReady = try registry.gauge(
            "headserve_model_ready", help: "1 when the model answers requests.",
            labels: ["model"])
        let build = try registry.gauge(
            "headserve_build_info", help: "This build and the instruction set it uses; always 1.",
            labels: ["version", "kernel"])
        build.child(buildVersion, kernel).set(1)
        try registry.register(
            ObservedGauge(
                "headserve_queue_rows", help: "Rows waiting for a batch.", read: queueRows))
        try registry.register(ProcessMetrics())
        for label in routes.all { _ = requestDuration.child(label) }
        for label in routes.all where !routes.predictions.contains(label) {
            _ = requests.child(label, "", label == RouteLabels.none ? "404" : "200")
        }
        for result in ["success", "failure"] { _ = reloads.child(result) }
        for reason in Rejection.allCases { _ = rejected.child(reason.rawValue) }
    }

    /// A loop's own part of the requests without an answer yet.
    func inflightOfLoop() -> OwnedCount { inflight.add() }

    /// Registers the losses of the log.
    func observe(_ log: LogSink) throws(MetricError) {
        try registry.register(
            ObservedCounter(
                "headserve_log_lines_dropped_total",
                help: "Lines of the log left out, for want of room or of a file that takes them."
            ) { log.droppedCount })
        try registry.register(
            ObservedCounter(
                "headserve_log_write_errors_total", help: "Writes of the log that failed."
            ) { log.writeErrorCount })
    }

    /// Registers the metrics of one model at zero, or finds them where a model of that name was
    /// loaded before.
    func register(model: String) -> ModelMetrics {
        for route in routes.predictions { _ = requests.child(route, model, "200") }
        _ = modelReady.child(model)
        return answers.register(model: model)
    }

    /// Shows the models that are in service now, and no others.
    func show(_ set: ModelSet) {
        modelInfo.set(
            set.models.map(\.model).map {
                [$0.name, $0.version, $0.head.summary.kind.rawValue, $0.sha256]
            })
        for name in set.names { modelReady.child(name).set(1) }
    }
}

/// The requests without an answer, by event loop: each loop counts its own.
private final class InflightCounts: Sendable {
    private let counts = Mutex<[OwnedCount]>([])

    func add() -> OwnedCount {
        let count = OwnedCount()
        counts.withLock { $0.append(count) }
        return count
    }

    var sum: Int { counts.withLock { $0.reduce(0) { $0 + $1.value } } }
}
