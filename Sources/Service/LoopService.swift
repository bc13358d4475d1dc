internal import Glibc
internal import HTTPMessages
internal import HTTPTypes
internal import Sockets
internal import Telemetry

/// The service as one event loop runs it: its listener, its connections and its pipeline.
/// Belongs to that loop.
final class LoopService {
    let limits: HTTPLimits
    let compression = AnswerCompression()
    private let shared: SharedService
    private let endpoints: Endpoints
    private let pipeline: RequestPipeline
    private let loop: EventLoop
    private var listener: Listener?
    private var connections: [ConnectionID: HTTPConnection] = [:]
    private var isDraining = false
    /// Called when a drain has seen its last connection close.
    private var onDrained: (@Sendable () -> Void)?
    private let heavyRequests: HeavyRequests
    private var currentDate: (second: Int64, text: HTTPDate)?

    /// What became of a request.
    enum Handling {
        case answered(Answer)
        case pending(PendingPrediction)
        /// The body is being read beside the loop; `admit` follows.
        case reading
    }

    init(shared: SharedService, loop: EventLoop) {
        self.shared = shared
        self.loop = loop
        endpoints = Endpoints(shared: shared)
        pipeline = RequestPipeline(shared: shared)
        heavyRequests = HeavyRequests(shared: shared)
        var limits = HTTPLimits()
        limits.bodyBytes = shared.options.maxBodyBytes
        self.limits = limits
    }

    lazy var reference = LoopReference(handle: loop.handle, service: LoopBound(self, to: loop))

    /// Binds and accepts; the answer is the bound address.
    func listen(host: String, port: Int) throws(SocketError) -> SocketAddress {
        let listener = try Listener(loop: loop, host: host, port: port) { stream in
            let connection = HTTPConnection(stream, server: self)
            self.connections[stream.id] = connection
            connection.start()
            if self.isDraining { connection.drain() }
            return connection
        }
        self.listener = listener
        return listener.address
    }

    /// Closes the listener, lets every connection finish what it has, then calls `completion`.
    func drain(_ completion: @escaping @Sendable () -> Void) {
        isDraining = true
        onDrained = completion
        listener?.close()
        listener = nil
        for connection in Array(connections.values) { connection.drain() }
        reportIfDrained()
    }

    func forget(_ connection: ConnectionID) {
        connections[connection] = nil
        reportIfDrained()
    }

    private func reportIfDrained() {
        guard isDraining, connections.isEmpty, let report = onDrained else { return }
        onDrained = nil
        report()
    }

    // MARK: Requests

    func begin(_ headers: HTTPHeaders?, now: UInt64) -> RequestContext {
        shared.metrics.inflight.add(1)
        return shared.names.context(of: headers, arrival: now)
    }

    /// Answers a request, or starts the prediction that will.
    func handle(
        _ message: HTTPRequestMessage, _ context: inout RequestContext, _ reply: ReplyAddress
    ) throws(Refusal) -> Handling {
        if message.path == Route.wholeServer { return .answered(.methods(Route.serverMethods)) }
        guard let route = Route.find(message.path) else { throw .noSuchPath(message.path) }
        context.route = route.label
        if message.method == .options { return .answered(.methods(route.allowedMethods)) }
        guard route.takes(message.method) else {
            throw .method(message.method.rawValue, allowed: route.allowedMethods)
        }
        let pathModel: String?
        switch route {
        case .predict: pathModel = nil
        case .modelPredict(let name): pathModel = name
        default: return .answered(try endpoints.answer(route))
        }
        if HeavyRequests.take(message) {
            heavyRequests.begin(message, pathModel: pathModel, context, reply)
            return .reading
        }
        return .pending(
            try pipeline.predict(message, pathModel: pathModel, &context) { reply.send($0) })
    }

    func finish(_ connection: ConnectionID, _ request: RequestID, _ answer: Answer) {
        connections[connection]?.finish(request, answer)
    }

    func admit(
        _ connection: ConnectionID, _ request: RequestID,
        _ outcome: Result<PendingPrediction, Refusal>, _ context: RequestContext
    ) {
        guard let connection = connections[connection] else {
            if case .success(let prediction) = outcome { prediction.cancel() }
            return
        }
        connection.admit(request, outcome, context)
    }

    func send(
        _ connection: ConnectionID, _ request: RequestID, _ message: HTTPResponseMessage
    ) {
        connections[connection]?.send(request, message)
    }

    // MARK: Books

    var heldBytes: HeldBytes { shared.heldBytes }

    func count(_ answer: Answer, _ context: RequestContext, now: UInt64) {
        let metrics = shared.metrics
        metrics.requests.child(context.route, context.model, String(answer.status)).increment()
        let nanoseconds = now - min(now, context.arrival)
        metrics.requestDuration.child(context.route).observe(Double(nanoseconds) * 1e-9)
        metrics.inflight.add(-1)
    }

    func countCancelled() {
        shared.metrics.cancelled.increment()
        shared.metrics.inflight.add(-1)
    }

    /// The Date header's value, formatted once a second.
    func date() -> HTTPDate {
        let second = Int64(time(nil))
        if let currentDate, currentDate.second == second { return currentDate.text }
        let text = HTTPDate(unixSeconds: second)
        currentDate = (second, text)
        return text
    }
}
