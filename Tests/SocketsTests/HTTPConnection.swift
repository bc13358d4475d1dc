import Dispatch
import HTTPMessages
import HTTPTypes

@testable import Sockets

/// The glue between a socket and the HTTP state machine, as a service would write it: events go
/// in, actions are carried out. Answers come from another thread.
final class HTTPConnection: StreamConnectionDelegate {
    /// Answers a request on a thread of its own; refused requests come with their error.
    typealias Service =
        @Sendable (Result<HTTPRequestMessage, HTTPParseError>) -> HTTPResponseMessage

    private var machine: ServerConnection
    private let service: Service
    private let worker: DispatchQueue
    private let log: EventLog

    init(
        _ connection: StreamConnection, limits: HTTPLimits, worker: DispatchQueue, log: EventLog,
        service: @escaping Service
    ) {
        machine = ServerConnection(limits: limits, now: connection.loop.now)
        self.service = service
        self.worker = worker
        self.log = log
        perform(machine.start(), on: connection)
    }

    func connection(_ connection: StreamConnection, received bytes: Span<UInt8>) {
        perform(machine.receive(bytes, now: connection.loop.now), on: connection)
    }

    func connectionPeerClosed(_ connection: StreamConnection) {
        perform(machine.peerClosedReading(now: connection.loop.now), on: connection)
    }

    func connectionPeerHungUp(_ connection: StreamConnection) {}

    func connection(_ connection: StreamConnection, wroteLeaving pendingBytes: Int) {
        perform(
            machine.writeProgressed(pending: pendingBytes, now: connection.loop.now),
            on: connection)
    }

    func connection(_ connection: StreamConnection, timerFiredAt now: UInt64) {
        perform(machine.timerFired(now: now), on: connection)
    }

    func connection(_ connection: StreamConnection, closed reason: CloseReason) {
        log.note(.closed(reason))
    }

    func drain(_ connection: StreamConnection) {
        perform(machine.beginDrain(now: connection.loop.now), on: connection)
    }

    private func respond(
        to id: RequestID, _ response: HTTPResponseMessage, on connection: StreamConnection
    ) {
        let date = HTTPDate(unixSeconds: 0)
        perform(
            machine.respond(to: id, response, date: date, now: connection.loop.now),
            on: connection)
    }

    private func perform(_ actions: [ConnectionAction], on connection: StreamConnection) {
        for action in actions {
            switch action {
            case .dispatch(let id, let message): answer(id, .success(message), on: connection)
            case .reject(let id, let error): answer(id, .failure(error), on: connection)
            case .refuse: preconditionFailure("every head is taken")
            case .forsake: break
            case .write(let bytes): connection.write(bytes)
            case .pauseReading: connection.pauseReading()
            case .resumeReading: connection.resumeReading()
            case .setTimer(let time): connection.setTimer(at: time)
            case .cancelTimer: connection.cancelTimer()
            case .finishWriting: connection.finishWriting()
            case .close: connection.close()
            case .abort: connection.abort()
            }
        }
    }

    /// Out to the worker and back through the mailbox: only names travel.
    private func answer(
        _ id: RequestID, _ request: Result<HTTPRequestMessage, HTTPParseError>,
        on connection: StreamConnection
    ) {
        let (name, handle, service) = (connection.id, connection.loop.handle, service)
        worker.async {
            let response = service(request)
            handle.execute { loop in
                guard let connection = loop.connection(name) else { return }
                (connection.delegate as? HTTPConnection)?.respond(to: id, response, on: connection)
            }
        }
    }
}
