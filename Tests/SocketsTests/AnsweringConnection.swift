import Dispatch
import HTTPMessages
import HTTPTypes

@testable import Sockets

/// The glue between a socket and the HTTP state machine: events go in, actions are carried out.
/// Answers come from another thread.
final class AnsweringConnection: StreamConnectionDelegate {
    /// Answers a request on a thread of its own; refused requests come with their error.
    typealias Service =
        @Sendable (Result<HTTPRequestMessage, HTTPParseError>) -> HTTPResponseMessage

    /// A request that its worker answers.
    final class Work {}

    let owned: OwnedConnection
    private let stream: StreamConnection
    private let service: Service
    private let worker: DispatchQueue
    private let log: EventLog

    init(
        _ stream: StreamConnection, limits: HTTPLimits, worker: DispatchQueue, log: EventLog,
        service: @escaping Service
    ) {
        owned = OwnedConnection(ServerConnection(limits: limits, now: stream.loop.now))
        self.stream = stream
        self.service = service
        self.worker = worker
        self.log = log
        start()
    }

    func connection(_ connection: StreamConnection, received bytes: Span<UInt8>) {
        receive(bytes)
    }

    func connectionPeerClosed(_ connection: StreamConnection) { peerClosedReading() }

    func connectionPeerHungUp(_ connection: StreamConnection) {}

    func connection(_ connection: StreamConnection, wroteLeaving pendingBytes: Int) {
        writeProgressed(pending: pendingBytes)
    }

    func connection(_ connection: StreamConnection, timerFiredAt now: UInt64) { timerFired() }

    func connection(_ connection: StreamConnection, closed reason: CloseReason) {
        cancelAll()
        log.note(.closed(reason))
    }

    /// Out to the worker and back through the mailbox: only names travel.
    private func answer(
        _ id: RequestID, _ request: Result<HTTPRequestMessage, HTTPParseError>
    ) -> RequestStep {
        let (name, handle, service) = (stream.id, stream.loop.handle, service)
        worker.async {
            let response = service(request)
            handle.execute { loop in
                guard let connection = loop.connection(name) else { return }
                (connection.delegate as? AnsweringConnection)?.finish(id) { _ in .answer(response) }
            }
        }
        return .pending(Work())
    }
}

extension AnsweringConnection: ConnectionOwner {
    var now: UInt64 { stream.loop.now }
    func date() -> HTTPDate { HTTPDate(unixSeconds: 0) }

    func begin(
        _ id: RequestID, _ message: HTTPRequestMessage, _ route: (any RequestRoute)?
    ) -> RequestStep {
        answer(id, .success(message))
    }

    func reject(_ id: RequestID, _ error: HTTPParseError) -> RequestStep {
        answer(id, .failure(error))
    }

    func refuse(
        _ id: RequestID, _ head: RequestHead, _ route: (any RequestRoute)?, _ error: any Error
    ) -> RequestStep {
        preconditionFailure("every head is taken")
    }

    func cancel(_ work: Work) {}
    func write(_ bytes: [UInt8]) { stream.write(bytes) }
    func pauseReading() { stream.pauseReading() }
    func resumeReading() { stream.resumeReading() }
    func setTimer(at time: UInt64) { stream.setTimer(at: time) }
    func cancelTimer() { stream.cancelTimer() }
    func finishWriting() { stream.finishWriting() }
    func close() { stream.close() }
    func abort() { stream.abort() }
    func settle() {}
}
