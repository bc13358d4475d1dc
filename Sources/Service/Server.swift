internal import Batching
internal import Dispatch
internal import Glibc
internal import Heads
package import Logging
internal import Sockets
internal import Synchronization

/// The service as a process runs it: listens, loads its models, serves until told to stop.
package final class Server: Sendable {
    private let options: ServiceOptions
    private let log: Logger
    private let shared: SharedService
    private let loops: ServiceLoops
    /// Signalled when there is nothing left to wait for.
    private let finished = DispatchSemaphore(value: 0)
    private let lifecycle = DispatchQueue(label: "headserve.lifecycle")
    /// Of its own, so that a slow disk does not hold up a stop.
    private let reloads = DispatchQueue(label: "headserve.reload")
    private let stopRequests = Atomic<Int>(0)

    package init(_ options: ServiceOptions, log: Logger) throws {
        self.options = options
        self.log = log
        shared = try SharedService(options)
        loops = try ServiceLoops(processorCount: options.compute.threadCount)
    }

    /// Serves until a stop has been carried out. Throws when it cannot begin.
    ///
    /// - Parameter onReady: called with the server's URL once the models answer.
    package func run(onReady: @Sendable (_ url: String) -> Void) throws {
        defer { loops.stopAndJoin() }
        DescriptorLimit.raise()
        warnOfCertificate()
        let addresses = try loops.listen(shared, log: log)
        let url = "\(shared.secrets.tls == nil ? "http" : "https")://\(addresses.service)"
        log.info("listening", metadata: ["address": "\(url)"])
        if let admin = addresses.admin {
            log.info("listening for probes and metrics", metadata: ["address": "http://\(admin)"])
        }
        SignalThread.start { [weak self] signal in
            if signal == SIGHUP { self?.reload() } else { self?.stop() }
        }
        try load()
        if shared.readiness.state == .ready { onReady(url) }
        finished.wait()
        log.info("stopped")
    }

    /// Loads every model; the service is ready when all of them passed. A stop ends it early.
    private func load() throws {
        var models: [ServedModel] = []
        for (ordinal, path) in options.models.enumerated() {
            if shared.readiness.state == .draining { return }
            let model = try Model.load(
                name: path.name, path: path.path, weights: options.compute.weights)
            let check = try SelfCheck(model, engine: shared.engine).run()
            guard ModelSet.isName(model.name) else {
                throw ServerError.invalidModelName(model.name)
            }
            guard !models.contains(where: { $0.model.name == model.name }) else {
                throw ServerError.repeatedModelName(model.name)
            }
            models.append(served(model, ordinal: ordinal))
            log.info(
                "loaded",
                metadata: [
                    "model": "\(model.name)", "head": "\(model.head.summary.kind.rawValue)",
                    "classes": "\(model.head.summary.classCount)", "sha256": "\(model.sha256)",
                    "weights": "\(model.weightsName)",
                    "golden_rows": "\(check.goldenRowCount ?? 0)",
                ])
        }
        guard !models.isEmpty else { throw ServerError.noModels }
        shared.serve(ModelSet(models: models))
    }

    private func served(_ model: Model, ordinal: Int) -> ServedModel {
        let metrics = shared.metrics.register(
            model: model.name, version: model.version,
            head: model.head.summary.kind.rawValue, sha256: model.sha256)
        return ServedModel(ordinal: ordinal, model: model, metrics: metrics)
    }

    // MARK: Reloading

    /// Loads what files give anew and puts it in force; what cannot be loaded leaves everything as
    /// it was.
    private func reload() {
        reloads.async {
            do {
                let loaded = try self.shared.secrets.load()
                self.shared.secrets.use(loaded)
                self.log.info("reloaded")
                self.warnOfCertificate()
            } catch {
                self.log.error(
                    "reload failed: what was in force stays", metadata: ["reason": "\(error)"])
            }
        }
    }

    private func warnOfCertificate() {
        guard let defect = shared.secrets.certificateDefect else { return }
        let state = defect == .expired ? "has expired" : "is not valid yet"
        log.warning(
            "the TLS certificate \(state); clients will refuse it",
            metadata: ["file": "\(options.tlsCertificate ?? "")"])
    }

    // MARK: Stopping

    /// The first call drains; a second one ends at once.
    private func stop() {
        let earlier = stopRequests.wrappingAdd(1, ordering: .relaxed).oldValue
        guard earlier == 0 else { return finish() }
        log.info("draining")
        guard shared.readiness.beginDrain() == .ready else { return finish() }
        lifecycle.asyncAfter(deadline: .now() + .nanoseconds(Int(clamping: options.drainDelay))) {
            self.drain()
        }
    }

    /// Closes the listener and waits for the connections, at most the shutdown timeout.
    private func drain() {
        let finished = finished
        loops.drain { finished.signal() }
        let timeout = Int(clamping: options.shutdownTimeout)
        lifecycle.asyncAfter(deadline: .now() + .nanoseconds(timeout)) {
            self.log.warning("shutdown timeout: work in flight is given up")
            self.finish()
        }
    }

    private func finish() { finished.signal() }
}

/// Why a server cannot begin.
package enum ServerError: Error, CustomStringConvertible {
    case noModels
    case repeatedModelName(String)
    case invalidModelName(String)

    package var description: String {
        switch self {
        case .noModels: "there is no model to serve"
        case .invalidModelName(let name):
            "'\(name)' cannot be a model's name, which has 1 to \(ModelSet.longestName) letters, "
                + "digits, dots, underscores and hyphens and begins with a letter or digit: give it "
                + "one, as in --model NAME=PATH"
        case .repeatedModelName(let name):
            "two models are called '\(name)': give one another name, as in --model NAME=PATH"
        }
    }
}
