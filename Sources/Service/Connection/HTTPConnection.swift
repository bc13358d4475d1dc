internal import HTTPMessages
internal import Sockets

/// One client's connection: joins the socket, the protocol's state machine and the work for its
/// requests. Belongs to one event loop.
final class HTTPConnection: StreamConnectionDelegate {
    typealias Work = InFlight

    let owned: OwnedConnection
    private let stream: StreamConnection
    private let services: ConnectionServices
    private let onClosed: (ConnectionID) -> Void
    /// Bytes this connection has charged to `HeldBytes`.
    private var chargedBytes = 0
    private var isClosed = false

    /// - Parameter onClosed: called when the socket is gone.
    init(
        _ stream: StreamConnection, from origin: ConnectionOrigin, _ services: ConnectionServices,
        onClosed: @escaping (ConnectionID) -> Void
    ) {
        self.stream = stream
        self.services = services
        self.onClosed = onClosed
        owned = OwnedConnection(
            ServerConnection(
                limits: services.limits, now: stream.loop.now,
                policy: services.policy(for: origin)))
    }

    /// Takes no further requests and closes when the last answer is out.
    func drain() {
        // A request that has come is served, even if the loop has not looked yet.
        stream.receiveNow()
        if !isClosed { beginDrain() }
    }

    /// When it was last of use to its client; nil while a request waits for its answer.
    var idleSince: UInt64? { owned.idleSince }

    /// Closes the connection, without a word, for another in its place.
    func evict() { stream.close() }

    // MARK: From the socket

    func connection(_ connection: StreamConnection, received bytes: Span<UInt8>) {
        receive(bytes)
        if !services.heldBytes.hasRoom(for: owned.arrivingBodyBytes) { shedBody() }
    }

    func connectionPeerClosed(_ connection: StreamConnection) { peerClosedReading() }

    /// The meaning of this end shows once the bytes before it are read, as the last of them may say
    /// `close`. Reading is paused because as many requests as may wait do; to the first answer a
    /// client that has gone replies with a reset, which is reported as the connection's close.
    func connectionPeerHungUp(_ connection: StreamConnection) {}

    func connection(_ connection: StreamConnection, wroteLeaving pendingBytes: Int) {
        writeProgressed(pending: pendingBytes)
    }

    func connection(_ connection: StreamConnection, timerFiredAt now: UInt64) { timerFired() }

    func connection(_ connection: StreamConnection, closed reason: CloseReason) {
        isClosed = true
        cancelAll()
        charge(0)
        onClosed(connection.id)
    }

    private func charge(_ bytes: Int) {
        services.heldBytes.change(by: bytes - chargedBytes)
        chargedBytes = bytes
    }
}

/// The steps of its requests.
extension HTTPConnection: ConnectionOwner {
    var now: UInt64 { stream.loop.now }

    func date() -> HTTPDate { services.accounts.date() }

    func begin(
        _ id: RequestID, _ message: HTTPRequestMessage, _ route: (any RequestRoute)?
    ) -> RequestStep {
        let route = route.map(Self.own)
        let context = services.accounts.open(message.head, route: route, now: now)
        switch services.desk.handle(message, route, context, address(of: id)) {
        case .answered(let answer, let context): return step(id, answer, context)
        case .pending(let inFlight): return .pending(inFlight)
        }
    }

    func refuse(
        _ id: RequestID, _ head: RequestHead, _ route: (any RequestRoute)?, _ error: any Error
    ) -> RequestStep {
        let context = services.accounts.open(head, route: route.map(Self.own), now: now)
        return step(id, .failure(error as? Refusal ?? .internalError), context)
    }

    func reject(_ id: RequestID, _ error: HTTPParseError) -> RequestStep {
        step(id, .failure(Refusal(error)), services.accounts.open(nil, route: nil, now: now))
    }

    /// The route as `Access` gave it.
    private static func own(_ route: any RequestRoute) -> Route {
        guard let route = route as? Route else { preconditionFailure("a route of another owner") }
        return route
    }

    /// Takes the result of work off the loop.
    func finish(_ id: RequestID, _ result: WorkResult) {
        finish(id) { inFlight in
            let context = inFlight.context
            switch result {
            case .coded(let message):
                services.accounts.record(context, message)
                return .answer(message)
            case .answer(let answer):
                // The refusal of a body that became no prediction needs no more room than others.
                let isPrediction = context.work != nil
                let hasRoom = !isPrediction || services.heldBytes.hasRoom(for: answer.bodyBytes)
                return step(id, hasRoom ? answer : .failure(.outOfRoom), context, inFlight)
            }
        }
    }

    func cancel(_ inFlight: InFlight) {
        inFlight.cancel()
        if inFlight.stage == .coding {
            services.accounts.recordClientLeft(inFlight.context)
        } else {
            services.accounts.countCancelled(inFlight.context)
        }
    }

    /// Counts an answer, and codes it as the request prefers: at once, or off the loop.
    private func step(
        _ id: RequestID, _ answer: Answer, _ context: RequestContext, _ inFlight: InFlight? = nil
    ) -> RequestStep {
        services.accounts.count(answer, context)
        let coding = services.compression.coded(
            answer.message(context), context.codings, now: now
        ) {
            inFlight ?? InFlight(context, reply: address(of: id))
        }
        switch coding {
        case .later(let inFlight): return .pending(inFlight)
        case .done(let message):
            services.accounts.record(context, message)
            return .answer(message)
        }
    }

    private func address(of id: RequestID) -> ReplyAddress {
        ReplyAddress(connection: stream.id, request: id, target: services.replies)
    }

    // MARK: To the socket

    func write(_ bytes: [UInt8]) { stream.write(bytes) }
    func pauseReading() { stream.pauseReading() }
    func resumeReading() { stream.resumeReading() }
    func setTimer(at time: UInt64) { stream.setTimer(at: time) }
    func cancelTimer() { stream.cancelTimer() }
    func finishWriting() { stream.finishWriting() }
    func close() { stream.close() }
    func abort() { stream.abort() }
    func settle() { charge(owned.heldBytes) }
}
