internal import Batching
internal import Clocks
internal import Glibc
internal import HTTPMessages
internal import HTTPTypes
internal import Sockets
internal import Telemetry

/// The service as one event loop runs it: its listener, its connections and its pipeline.
/// Belongs to that loop.
final class LoopService {
    /// A few probes and scrapers; more wait, so that they cannot use up what the service needs.
    private static let adminConnectionLimit = 100
    /// Descriptors that the service's clients cannot use up: those of the admin port's, and what
    /// loops, Dispatch, a scrape and a reload have open at once, about two dozen, twice over.
    private static let reservedDescriptors = adminConnectionLimit + 50

    let limits: HTTPLimits
    let compression: AnswerCompression
    private let shared: SharedService
    private let access: Access
    private let endpoints: Endpoints
    private let pipeline: RequestPipeline
    private let loop: EventLoop
    private var listener: Listener?
    private var adminListener: Listener?
    private var connections: [ConnectionID: HTTPConnection] = [:]
    /// Those of the admin port, which no drain waits for.
    private var adminConnections: Set<ConnectionID> = []
    private var isDraining = false
    /// Called when a drain has seen its last connection close.
    private var onDrained: (@Sendable () -> Void)?
    let heavyRequests: HeavyRequests
    /// Bytes of bodies that the loop reads in one turn: the longest of them, or many short ones.
    private var bodyShare = TurnShare(HeavyRequests.longestInline)
    private var counters: RequestCounters
    private let inflight: OwnedCount
    private var currentDate: (second: Int64, text: HTTPDate)?
    private weak var box: LoopBound<LoopService>?

    /// What became of a request.
    enum Handling {
        case answered(Answer)
        case pending(PendingPrediction)
        /// The body is read beside the loop; `admit` follows.
        case reading(Ticket)
    }

    init(_ shared: SharedService, _ heavyRequests: HeavyRequests, loop: EventLoop) {
        self.shared = shared
        self.loop = loop
        access = Access(secrets: shared.secrets)
        endpoints = Endpoints(shared: shared, loop: loop)
        compression = AnswerCompression(shared.compression)
        // With a delay, the queue may hold back work that is not brief until anyone's next turn.
        let takesBriefWork = shared.options.maxBatchDelay == 0
        let batcher = takesBriefWork ? shared.makeBatcher() : nil
        pipeline = RequestPipeline(
            shared: shared, briefWork: batcher.map { BriefWork(loop: loop, batcher: $0) },
            briefBatcher: batcher)
        self.heavyRequests = heavyRequests
        counters = RequestCounters(shared.metrics)
        inflight = shared.metrics.inflightOfLoop()
        var limits = HTTPLimits()
        limits.bodyBytes = shared.options.maxBodyBytes
        self.limits = limits
    }

    /// What other threads find it by. They hold the box, which holds the service; held from here
    /// too, both would never end.
    var reference: LoopBound<LoopService> {
        if let box { return box }
        let box = LoopBound(self, to: loop)
        self.box = box
        return box
    }

    /// Binds and accepts, for the `others` too; the answer is the bound address.
    /// `onHandshakeFailure` is told why clients get no TLS.
    func listen(
        host: String, port: Int, others: [LoopBound<Acceptor>],
        onHandshakeFailure: @escaping @Sendable (SocketError) -> Void
    ) throws(SocketError) -> SocketAddress {
        var options = Listener.Options()
        options.tls = shared.secrets.tls
        options.onHandshakeFailure = onHandshakeFailure
        options.onPeerRefused = { [shared] in shared.reject(.connections) }
        options.connectionLimit = DescriptorLimit.connections(
            wanted: options.connectionLimit, reserve: Self.reservedDescriptors)
        let listener = try Listener(
            loop: loop, host: host, port: port, options: options, others: others,
            accept: acceptClient)
        self.listener = listener
        return listener.address
    }

    /// How this loop takes clients of another one's listener.
    var acceptor: LoopBound<Acceptor> {
        LoopBound(Acceptor(loop: loop, accept: acceptClient), to: loop)
    }

    private func acceptClient(_ stream: StreamConnection) -> HTTPConnection {
        let connection = accept(stream, from: .service(isVerified: stream.isPeerVerified))
        // What it sends reaches the connection once the stream knows it.
        if isDraining { loop.atTurnEnd { connection.drain() } }
        return connection
    }

    /// Probes and metrics on a port of their own, in clear text, until the loop ends: they tell how
    /// a drain goes, and no drain waits for them.
    func listenForAdmin(host: String, port: Int) throws(SocketError) -> SocketAddress {
        var options = Listener.Options()
        options.connectionLimit = Self.adminConnectionLimit
        let listener = try Listener(loop: loop, host: host, port: port, options: options) {
            stream in
            self.adminConnections.insert(stream.id)
            return self.accept(stream, from: .admin)
        }
        adminListener = listener
        return listener.address
    }

    private func accept(
        _ stream: StreamConnection, from origin: ConnectionOrigin
    ) -> HTTPConnection {
        let connection = HTTPConnection(stream, from: origin, server: self)
        connections[stream.id] = connection
        connection.start()
        return connection
    }

    /// Closes the listener behind those who have connected, lets every connection finish what it
    /// has, then calls `completion`.
    func drain(_ completion: @escaping @Sendable () -> Void) {
        isDraining = true
        onDrained = completion
        listener?.finish()
        listener = nil
        for (id, connection) in connections where !adminConnections.contains(id) {
            connection.drain()
        }
        reportIfDrained()
    }

    func forget(_ connection: ConnectionID) {
        connections[connection] = nil
        adminConnections.remove(connection)
        reportIfDrained()
    }

    private func reportIfDrained() {
        guard isDraining, connections.count == adminConnections.count, let report = onDrained
        else { return }
        onDrained = nil
        report()
    }

    // MARK: Requests

    /// Opens the books on a request; nil where none could be read.
    func begin(_ message: HTTPRequestMessage?, now: UInt64) -> RequestContext {
        inflight.add(1)
        var context = shared.names.context(of: message?.headers, arrival: now)
        if let message { context.method = message.method.rawValue }
        return context
    }

    /// Who decides about requests of a connection at the end of their heads.
    func judge(of origin: ConnectionOrigin) -> HeadVerdict.Judge {
        let access = access
        let heldBytes = shared.heldBytes
        return { head in
            let verdict = access.verdict(on: head, from: origin)
            guard case .take = verdict, heldBytes.isFull else { return verdict }
            return .refuse(Refusal.outOfRoom)
        }
    }

    /// Answers a request that was let in at its head, or starts the prediction that will.
    func handle(
        _ message: HTTPRequestMessage, from origin: ConnectionOrigin,
        _ context: inout RequestContext, _ reply: ReplyAddress
    ) throws(Refusal) -> Handling {
        if message.path == Route.wholeServer { return .answered(.methods(Route.serverMethods)) }
        guard let route = origin.route(at: message.path) else { throw .noSuchPath(message.path) }
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
        if HeavyRequests.take(message)
            || !bodyShare.takes(message.body.count, now: context.arrival)
        {
            return .reading(
                try heavyRequests.begin(message, pathModel: pathModel, context, reply))
        }
        return .pending(
            try pipeline.predict(
                message, pathModel: pathModel, client: reply.connection, &context
            ) { reply.send($0) })
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
        _ connection: ConnectionID, _ request: RequestID, _ message: HTTPResponseMessage,
        _ context: RequestContext
    ) {
        guard let connection = connections[connection] else {
            return record(context, status: AccessLog.clientLeft, bytes: 0)
        }
        connection.send(request, message, context)
    }

    // MARK: Books

    var heldBytes: HeldBytes { shared.heldBytes }

    func count(_ answer: Answer, _ context: RequestContext, now: UInt64) {
        counters.count(
            context, status: answer.status, duration: now - min(now, context.arrival))
        inflight.add(-1)
    }

    func countCancelled(_ context: RequestContext) {
        shared.metrics.cancelled.increment()
        inflight.add(-1)
        record(context, status: AccessLog.clientLeft, bytes: 0)
    }

    /// Writes a request's line in the access log, where there is one.
    func record(_ context: RequestContext, status: Int, bytes: Int) {
        shared.accessLog?.record(context, status: status, bytes: bytes, now: MonotonicClock.now)
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
