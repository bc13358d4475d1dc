internal import Batching
internal import Dispatch
internal import Glibc
internal import Heads
package import Logging
internal import Sockets
internal import Synchronization

/// The service as a process runs it: listens, loads its models, serves until told to stop.
package final class Server: Sendable {
    let options: ServiceOptions
    let log: Logger
    let shared: SharedService
    private let loops: ServiceLoops
    /// Signalled when there is nothing left to wait for.
    private let finished = DispatchSemaphore(value: 0)
    private let lifecycle = DispatchQueue(label: "headserve.lifecycle")
    /// Loads models and credentials, the first time and again. A queue of its own, so that neither
    /// a slow disk nor a large model holds up a stop, a connection or a batch.
    let loading = DispatchQueue(label: "headserve.loading")
    let loads = LoadRequests()
    /// The error that stopped the start.
    private let failure = Mutex<(any Error)?>(nil)
    private let stopRequests = Atomic<Int>(0)

    package init(_ options: ServiceOptions, log: Logger) throws {
        self.options = options
        self.log = log
        HeapMemory.bound(processorCount: options.compute.threadCount)
        shared = try SharedService(options, routes: EndpointTable.labels)
        loops = try ServiceLoops(processorCount: options.compute.threadCount)
    }

    /// The way a server ended.
    package enum Ending: Sendable {
        case finished
        /// Work is still running; exit without exit handlers, which would free memory it uses.
        case abandonedWork
    }

    /// Serves until a stop has been carried out. Throws when it cannot begin.
    ///
    /// - Parameter onReady: called with the server's URL once the models answer.
    package func run(onReady: @escaping @Sendable (_ url: String) -> Void) throws -> Ending {
        defer { loops.stopAndJoin() }
        DescriptorLimit.raise()
        warnOfCertificate()
        let addresses = try loops.listen(shared, log: log)
        let url = "\(shared.credentials.tls == nil ? "http" : "https")://\(addresses.service)"
        log.info("listening", metadata: ["address": "\(url)"])
        if let admin = addresses.admin {
            log.info("listening for probes and metrics", metadata: ["address": "http://\(admin)"])
        }
        try SignalThread.start { [weak self] signal in
            if signal == SIGHUP { self?.reload() } else { self?.stop() }
        }
        loading.async {
            do { try self.begin { onReady(url) } } catch {
                self.failure.withLock { $0 = error }
                self.finish()
            }
        }
        finished.wait()
        if let error = failure.withLock({ $0 }) { throw error }
        log.info("stopped")
        return isWorking ? .abandonedWork : .finished
    }

    private var isWorking: Bool {
        loads.isUnderWay || shared.isComputing
    }

    // MARK: Credentials

    func warnOfCertificate() {
        guard let defect = shared.credentials.certificateDefect else { return }
        let state = defect == .expired ? "has expired" : "is not valid yet"
        log.warning(
            "the TLS certificate \(state); clients will refuse it",
            metadata: ["file": "\(options.tlsCertificate ?? "")"])
    }

    // MARK: Stopping

    /// The first call drains, and ends at once what has not begun to serve; a second one ends at
    /// once whatever is under way.
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
