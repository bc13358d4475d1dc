internal import Batching
internal import Clocks
internal import Heads
internal import InferenceAPI
internal import Logs
internal import Synchronization
internal import Telemetry

/// Predictions that take turns at the compute threads.
typealias PredictionExecutor = TurnExecutor<PredictionJob, ComputeTools>

/// The parts of the service that all event loops and the compute threads share.
final class SharedService: Sendable {
    let options: ServiceOptions
    let credentials: Credentials
    let metrics: ServiceMetrics
    let readiness = Readiness()
    let requestIDs = RequestIDs()
    let engine: ComputeEngine
    /// Work that no loop computes itself.
    let executor: PredictionExecutor
    let heldBytes: HeldBytes
    let compression: CompressionQueue
    /// Nil when it is off.
    let accessLog: AccessLog?
    private let inline: InlineRowCounts
    private let models = Mutex<ModelSet?>(nil)
    private let modelCount = Atomic<Int>(0)
    private let runner: BatchRunner

    /// - Parameter routes: the `route` labels of metrics.
    init(_ options: ServiceOptions, routes: RouteLabels) throws {
        self.options = options
        credentials = try Credentials(options)
        heldBytes = HeldBytes(limit: options.maxHeldBytes)
        compression = CompressionQueue(heldBytes)
        accessLog = options.log.flatMap { sink in
            options.accessLog.map { AccessLog(sink: sink, format: $0) }
        }
        let inline = InlineRowCounts()
        let engine = ComputeEngine(options.compute)
        let waiting = WaitingRows()
        let metrics = try ServiceMetrics(
            buildVersion: options.buildVersion, kernel: engine.kernelName, routes: routes
        ) { Double(waiting.count) }
        if let log = options.log { try metrics.observe(log) }
        let runner = BatchRunner(
            metrics: metrics, maxRows: options.maxBatchRows,
            maxResponseBytes: options.maxResponseBytes)
        self.engine = engine
        self.metrics = metrics
        self.inline = inline
        executor = PredictionExecutor(
            limits: TurnLimits(options), label: "headserve.compute",
            clock: { MonotonicClock.now },
            makeTools: { ComputeTools(engine: engine, turn: $0) }, expire: runner.expire,
            run: { _, jobs, tools in runner.run(jobs, with: tools) })
        self.runner = runner
        waiting.observe(executor, inline)
    }

    /// The batches of one event loop, which puts work off to its turn's end with `atTurnEnd`.
    func makeInlineBatches(
        _ atTurnEnd: @escaping (@escaping () -> Void) -> Void
    ) -> InlineBatches {
        let (runner, tools) = (runner, ComputeTools(engine: engine))
        return InlineBatches(
            InlineBatches.Limits(
                maxTurnRows: options.maxQueueRows, maxBatchRows: options.maxBatchRows),
            rows: inline.add(), atTurnEnd: atTurnEnd,
            InlineBatches.Handlers(
                run: { runner.run($0, with: tools) }, expire: { runner.expire($0) }))
    }

    /// Whether a batch runs, or is paused.
    var isComputing: Bool { executor.runCount > 0 || inline.runningRows > 0 }

    var requestLimits: RequestLimits {
        RequestLimits(
            maxBodyBytes: options.maxBodyBytes, maxRows: options.maxQueueRows,
            maxSamples: options.maxSamples)
    }

    /// A model with what serving it needs; it is not in service yet.
    func served(_ model: Model, _ golden: GoldenReport? = nil) -> ServedModel {
        ServedModel(
            ordinal: modelCount.wrappingAdd(1, ordering: .relaxed).oldValue, model: model,
            golden: golden, metrics: metrics.register(model: model.name))
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

    /// The ticket of an admitted entry; a refusal is counted.
    func ticket(of admission: Admission) throws(Refusal) -> Ticket {
        switch admission {
        case .admitted(let ticket): return ticket
        case .queueFull(let waitingRows, let limit, let wait):
            reject(.queueFull)
            throw .queueFull(waitingRows: waitingRows, limit: limit, wait: wait)
        case .deadlineOutOfReach(let wait):
            reject(.deadline)
            throw .deadlineOutOfReach(wait: wait)
        case .expired:
            reject(.deadline)
            throw .deadline
        case .noRows:
            reject(.draining)
            throw .draining
        }
    }

    func reject(_ reason: ServiceMetrics.Rejection) {
        metrics.rejected.child(reason.rawValue).increment()
    }
}

extension TurnLimits {
    /// Each batch in progress has threads of its own, which on large machines are many.
    private static let maxThreads = 256

    /// Half-done batches may hold as many bytes as all connections.
    fileprivate init(_ options: ServiceOptions) {
        self.init(
            maxClientRows: options.maxQueueRows, maxBatchRows: options.maxBatchRows,
            maxBatchDelay: options.maxBatchDelay,
            maxRuns: min(64, max(4, Self.maxThreads / options.compute.threadCount)),
            maxRunBytes: options.maxHeldBytes)
    }
}

/// The rows that wait in all of a service, as its metrics ask for them.
private final class WaitingRows: Sendable {
    private struct Places: Sendable {
        // Weak: executor → runner → metrics would be a cycle.
        weak var executor: PredictionExecutor?
        var inline: InlineRowCounts?
    }

    private let places = Mutex(Places())

    func observe(_ executor: PredictionExecutor, _ inline: InlineRowCounts) {
        places.withLock { $0 = Places(executor: executor, inline: inline) }
    }

    var count: Int {
        places.withLock { ($0.executor?.waitingRows ?? 0) + ($0.inline?.waitingRows ?? 0) }
    }
}

/// The rows that all loops are about to compute themselves, or compute.
private final class InlineRowCounts: Sendable {
    private let all = Mutex<[InlineRows]>([])

    /// The count of one more loop.
    func add() -> InlineRows {
        let rows = InlineRows()
        all.withLock { $0.append(rows) }
        return rows
    }

    var waitingRows: Int { sum(\.waiting) }
    var runningRows: Int { sum(\.running) }

    private func sum(_ count: (InlineRows) -> OwnedCount) -> Int {
        all.withLock { $0 }.reduce(0) { $0 + count($1).value }
    }
}
