internal import Batching
internal import Heads
internal import InferenceAPI
internal import Sockets
internal import Synchronization
internal import Telemetry

/// Predictions that wait, by the ordinal of their model and the connection they came over.
typealias PredictionBatcher = Batcher<Int, ConnectionID, PredictionJob>

/// What all event loops and the batcher share.
final class SharedService: Sendable {
    let options: ServiceOptions
    let secrets: Secrets
    let metrics: ServiceMetrics
    let readiness = Readiness()
    let names = RequestNames()
    let engine: ComputeEngine
    let batcher: PredictionBatcher
    let heldBytes: HeldBytes
    /// Nil when it is off.
    let accessLog: AccessLog?
    private let models = Mutex<ModelSet?>(nil)
    private let modelCount = Atomic<Int>(0)

    init(_ options: ServiceOptions) throws {
        self.options = options
        secrets = try Secrets(options)
        heldBytes = HeldBytes(limit: options.maxHeldBytes)
        accessLog = options.log.flatMap { sink in
            options.accessLog.map { AccessLog(sink: sink, format: $0) }
        }
        let reading = QueueReading()
        let engine = ComputeEngine(options.compute)
        let metrics = try ServiceMetrics(
            buildVersion: options.buildVersion, kernel: engine.kernelName
        ) {
            Double(reading.rows)
        }
        if let log = options.log { try metrics.observe(log) }
        let runner = BatchRunner(
            engine: engine, metrics: metrics, maxRows: options.maxBatchRows,
            maxResponseBytes: options.maxResponseBytes)
        let batcher = PredictionBatcher(
            limits: BatchLimits(
                maximumQueueRows: options.maxQueueRows, maximumBatchRows: options.maxBatchRows,
                maximumBatchDelay: options.maxBatchDelay),
            clock: { MonotonicClock.now }, expire: runner.expire,
            run: { _, jobs in runner.run(jobs) })
        reading.observe(batcher)
        self.engine = engine
        self.metrics = metrics
        self.batcher = batcher
    }

    var requestLimits: RequestLimits {
        RequestLimits(
            maximumBodyBytes: options.maxBodyBytes, maximumRows: options.maxQueueRows,
            maximumSamples: options.maxSamples)
    }

    /// A model with what serving it needs; it is not in service yet.
    func served(_ model: Model) -> ServedModel {
        ServedModel(
            ordinal: modelCount.wrappingAdd(1, ordering: .relaxed).oldValue, model: model,
            metrics: metrics.register(model: model.name))
    }

    /// Puts the models in service, in the place of those that were.
    func serve(_ set: ModelSet) {
        models.withLock { $0 = set }
        metrics.show(set)
        readiness.becomeReady()
    }

    /// The models, whatever the readiness; nil while they are being loaded.
    var loadedModels: ModelSet? { models.withLock { $0 } }

    /// The models for a prediction.
    func readyModels() throws(Refusal) -> ModelSet {
        guard let set = loadedModels else {
            reject(.notReady)
            throw .notReady
        }
        return set
    }

    func reject(_ reason: ServiceMetrics.Rejection) {
        metrics.rejected.child(reason.rawValue).increment()
    }
}

/// Lets the metrics read a queue that is made after them.
private final class QueueReading: Sendable {
    private let batcher = Mutex<PredictionBatcher?>(nil)

    func observe(_ batcher: PredictionBatcher) {
        self.batcher.withLock { $0 = batcher }
    }

    var rows: Int { batcher.withLock { $0 }?.snapshot.waitingRows ?? 0 }
}
