internal import Batching
internal import Clocks
internal import HTTPMessages
internal import HTTPTypes
internal import Sockets

/// One client's connection: carries out what the protocol's state machine says, and hands its
/// requests to the endpoints. Belongs to one event loop.
final class HTTPConnection: StreamConnectionDelegate {
    private let stream: StreamConnection
    private let server: LoopService
    private let origin: ConnectionOrigin
    private var machine: ServerConnection
    /// Requests without an answer, and the predictions among them.
    private var waiting: [RequestID: Waiting] = [:]
    /// Answers that are compressed beside the loop.
    private var compressing: [RequestID: Ticket] = [:]
    private var isCarryingOut = false
    /// Actions that came up while others were carried out.
    private var laterActions: [ConnectionAction] = []
    /// What of the server's room this connection has taken.
    private var heldBytes = 0

    private struct Waiting {
        var context: RequestContext
        /// The body's place in the queue of those that are read beside the loop.
        var reading: Ticket?
        /// Nil while the body is being read.
        var prediction: PendingPrediction?
        /// The answer, where it overtook the news that the prediction was admitted.
        var answer: Answer?
    }

    init(_ stream: StreamConnection, from origin: ConnectionOrigin, server: LoopService) {
        self.origin = origin
        self.stream = stream
        self.server = server
        machine = ServerConnection(
            limits: server.limits, now: stream.loop.now, judge: server.judge(of: origin))
    }

    func start() { carryOut(machine.start()) }

    /// Takes no further requests and closes when the last answer is out.
    func drain() {
        // A request that has come is served, even if the loop has not looked yet.
        stream.receiveNow()
        carryOut(machine.beginDrain(now: stream.loop.now))
    }

    // MARK: From the socket

    func connection(_ connection: StreamConnection, received bytes: Span<UInt8>) {
        carryOut(machine.receive(bytes, now: connection.loop.now))
        if !server.heldBytes.hasRoom(for: machine.arrivingBodyBytes) {
            carryOut(machine.shedBody(now: connection.loop.now))
        }
    }

    func connectionPeerClosed(_ connection: StreamConnection) {
        carryOut(machine.peerClosedReading(now: connection.loop.now))
    }

    /// What this end means shows once the bytes before it are read, as the last of them may say
    /// `close`. Reading is paused because as many requests as may wait do; to the first answer a
    /// client that has gone replies with a reset, which is reported as the connection's close.
    func connectionPeerHungUp(_ connection: StreamConnection) {}

    func connection(_ connection: StreamConnection, wroteLeaving pendingBytes: Int) {
        carryOut(machine.writeProgressed(pending: pendingBytes, now: connection.loop.now))
    }

    func connection(_ connection: StreamConnection, timerFiredAt now: UInt64) {
        carryOut(machine.timerFired(now: now))
    }

    func connection(_ connection: StreamConnection, closed reason: CloseReason) {
        dropWork()
        noteHeldBytes(0)
        server.forget(connection.id)
    }

    /// The client has left: nobody waits for its answers any more.
    private func dropWork() {
        for waiting in waiting.values {
            if let ticket = waiting.reading { server.heavyRequests.cancel(ticket) }
            waiting.prediction?.cancel()
            var context = waiting.context
            context.work = waiting.prediction?.job.work
            server.countCancelled(context)
        }
        waiting.removeAll()
        for ticket in compressing.values {
            guard let context = server.compression.cancel(ticket) else { continue }
            server.record(context, status: AccessLog.clientLeft, bytes: 0)
        }
        compressing.removeAll()
    }

    // MARK: From the state machine

    /// Carries actions out in the order the machine gave them. A request that is answered at once
    /// makes new ones while older ones are still due: those come first, or a pause that the answer
    /// has ended would be carried out after its end, for good.
    private func carryOut(_ actions: [ConnectionAction]) {
        guard !isCarryingOut else { return laterActions.append(contentsOf: actions) }
        isCarryingOut = true
        var due = actions
        while !due.isEmpty {
            for action in due { carryOut(action) }
            due = laterActions
            laterActions = []
        }
        isCarryingOut = false
        noteHeldBytes(machine.heldBytes)
    }

    private func carryOut(_ action: ConnectionAction) {
        switch action {
        case .dispatch(let id, let message): begin(id, message)
        case .reject(let id, let error): refuse(id, error)
        case .refuse(let id, let head, let error): refuse(id, head, error)
        case .forsake: dropWork()
        case .write(let bytes): stream.write(bytes)
        case .pauseReading: stream.pauseReading()
        case .resumeReading: stream.resumeReading()
        case .setTimer(let time): stream.setTimer(at: time)
        case .cancelTimer: stream.cancelTimer()
        case .finishWriting: stream.finishWriting()
        case .close: stream.close()
        case .abort: stream.abort()
        }
    }

    private func noteHeldBytes(_ count: Int) {
        server.heldBytes.change(by: count - heldBytes)
        heldBytes = count
    }

    private func begin(_ id: RequestID, _ message: HTTPRequestMessage) {
        var context = server.begin(message, now: stream.loop.now)
        do {
            switch try server.handle(message, from: origin, &context, address(of: id)) {
            case .answered(let answer): finish(id, answer, context)
            case .pending(let prediction):
                waiting[id] = Waiting(context: context, prediction: prediction)
            case .reading(let ticket): waiting[id] = Waiting(context: context, reading: ticket)
            }
        } catch {
            finish(id, .refusal(error), context)
        }
    }

    /// Answers a request that was refused at its head.
    private func refuse(_ id: RequestID, _ head: HTTPRequestMessage, _ error: any Error) {
        var context = server.begin(head, now: stream.loop.now)
        context.route = origin.route(at: head.path)?.label ?? Route.noneLabel
        finish(id, .refusal(error as? Refusal ?? .internalError), context)
    }

    private func refuse(_ id: RequestID, _ error: HTTPParseError) {
        let context = server.begin(nil, now: stream.loop.now)
        finish(id, .refusal(Refusal(error)), context)
    }

    /// The answer of a prediction has come; without effect when nobody waits for it any more.
    func finish(_ id: RequestID, _ answer: Answer) {
        guard let waiting = waiting.removeValue(forKey: id) else { return }
        guard let prediction = waiting.prediction else {
            self.waiting[id] = Waiting(context: waiting.context, answer: answer)
            return
        }
        finish(id, answer, of: prediction, waiting.context)
    }

    /// A body that was read beside the loop became a prediction, or was refused; the client may
    /// have left meanwhile.
    func admit(
        _ id: RequestID, _ outcome: Result<PendingPrediction, Refusal>, _ context: RequestContext
    ) {
        guard let waiting = waiting.removeValue(forKey: id) else {
            if case .success(let prediction) = outcome { prediction.cancel() }
            return
        }
        switch outcome {
        case .failure(let refusal): finish(id, .refusal(refusal), context)
        case .success(let prediction):
            if let answer = waiting.answer {
                finish(id, answer, of: prediction, context)
            } else {
                self.waiting[id] = Waiting(context: context, prediction: prediction)
            }
        }
    }

    private func finish(
        _ id: RequestID, _ answer: Answer, of prediction: PendingPrediction,
        _ context: RequestContext
    ) {
        var context = context
        context.work = prediction.job.work
        let hasRoom = server.heldBytes.hasRoom(for: answer.bodyBytes)
        finish(id, hasRoom ? answer : .refusal(.outOfRoom), context)
    }

    private func finish(_ id: RequestID, _ answer: Answer, _ context: RequestContext) {
        server.count(answer, context, now: MonotonicClock.now)
        let message = answer.message(context)
        switch server.compression.coded(message, context, address(of: id), now: stream.loop.now) {
        case .send(let message): send(id, message, context)
        case .later(let ticket): compressing[id] = ticket
        }
    }

    /// Hands an answer out; without effect when the connection has given the request up.
    func send(_ id: RequestID, _ message: HTTPResponseMessage, _ context: RequestContext) {
        compressing[id] = nil
        server.record(context, status: message.status.code, bytes: message.body.count)
        carryOut(machine.respond(to: id, message, date: server.date(), now: stream.loop.now))
    }

    private func address(of id: RequestID) -> ReplyAddress {
        ReplyAddress(connection: stream.id, request: id, service: server.reference)
    }
}
