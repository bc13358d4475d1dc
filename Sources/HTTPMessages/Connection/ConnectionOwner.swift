/// The state of one connection as its owner holds it.
package final class OwnedConnection {
    package var machine: ServerConnection
    package fileprivate(set) var requests = RequestTable<AnyObject>()
    fileprivate var isCarryingOut = false
    /// Actions that came up while others were carried out.
    fileprivate var laterActions: [ConnectionAction] = []

    package init(_ machine: ServerConnection) { self.machine = machine }

    // Asked for here, where the machine is read in its place: from another module it would be
    // copied.

    /// Bytes that are held for the connection.
    package var heldBytes: Int { machine.heldBytes }
    /// As `ServerConnection.idleSince`.
    package var idleSince: UInt64? { machine.idleSince }
    /// Bytes of the body in progress so far.
    package var arrivingBodyBytes: Int { machine.arrivingBodyBytes }
}

/// The next step of a request.
package enum RequestStep {
    /// The answer is there.
    case answer(HTTPResponseMessage)
    /// Work is under way, of the owner's `Work`; `ConnectionOwner.finish` takes it up when it is
    /// done.
    case pending(AnyObject)
}

/// The owner of a connection: carries out the actions of its state machine, and knows the work
/// under way for each request. A conforming type says how a request begins and what a socket is;
/// which action follows which event is decided here, once for the service, the simulation, the
/// fuzzer and the tests.
///
/// Belongs to one thread. Work is an object, so that nothing here has to be specialised for it:
/// code that is generic over values is not, in another module, and costs a tenth of a request then.
package protocol ConnectionOwner: AnyObject {
    associatedtype Work: AnyObject
    /// The error with which carrying out may fail; `Never` outside tests. An owner that has thrown
    /// is not used again: actions behind the failure are not carried out.
    associatedtype Failure: Error

    var owned: OwnedConnection { get }
    /// Monotonic nanoseconds.
    var now: UInt64 { get }
    /// The value of the Date header.
    func date() -> HTTPDate

    // Requests: each call is answered with the request's next step.

    /// Starts a dispatched request. `route` is that of its verdict.
    func begin(
        _ id: RequestID, _ message: HTTPRequestMessage, _ route: (any RequestRoute)?
    ) throws(Failure) -> RequestStep
    /// Answers a request that the verdict on its head refused with `error`.
    func refuse(
        _ id: RequestID, _ head: RequestHead, _ route: (any RequestRoute)?, _ error: any Error
    ) throws(Failure) -> RequestStep
    /// Answers a request that HTTP refused.
    func reject(_ id: RequestID, _ error: HTTPParseError) throws(Failure) -> RequestStep
    /// Gives work up whose answer nobody reads any more.
    func cancel(_ work: Work) throws(Failure)

    // The socket.

    func write(_ bytes: [UInt8]) throws(Failure)
    func pauseReading() throws(Failure)
    func resumeReading() throws(Failure)
    func setTimer(at time: UInt64) throws(Failure)
    func cancelTimer() throws(Failure)
    func finishWriting() throws(Failure)
    func close() throws(Failure)
    func abort() throws(Failure)

    /// Called when all actions of an event, and those they led to, are carried out.
    func settle() throws(Failure)
}

// Events: from the socket, the clock, or the work.
extension ConnectionOwner {
    /// Begins a connection that was just accepted.
    package func start() throws(Failure) {
        let owned = owned
        try carryOut(owned.machine.start(), owned)
    }

    package func receive(_ bytes: Span<UInt8>) throws(Failure) {
        let owned = owned
        try carryOut(owned.machine.receive(bytes, now: now), owned)
    }

    package func peerClosedReading() throws(Failure) {
        let owned = owned
        try carryOut(owned.machine.peerClosedReading(now: now), owned)
    }

    package func writeProgressed(pending: Int) throws(Failure) {
        let owned = owned
        try carryOut(owned.machine.writeProgressed(pending: pending, now: now), owned)
    }

    package func timerFired() throws(Failure) {
        let owned = owned
        try carryOut(owned.machine.timerFired(now: now), owned)
    }

    package func beginDrain() throws(Failure) {
        let owned = owned
        try carryOut(owned.machine.beginDrain(now: now), owned)
    }

    package func shedBody() throws(Failure) {
        let owned = owned
        try carryOut(owned.machine.shedBody(now: now), owned)
    }

    /// Takes up work that is done. Without effect when nobody waits for it any more; else
    /// `complete` makes it the request's next step.
    package func finish(
        _ id: RequestID, _ complete: (Work) throws(Failure) -> RequestStep
    ) throws(Failure) {
        let owned = owned
        guard let work = owned.requests.remove(id) else { return }
        try take(complete(own(work)), of: id, owned)
    }

    /// Gives up all work: the socket is gone.
    package func cancelAll() throws(Failure) {
        for work in owned.requests.removeAll() { try cancel(own(work)) }
    }
}

// Actions.
extension ConnectionOwner {
    /// Carries actions out in the order the machine gave them. A request that is answered at once
    /// makes new ones while older ones are still due: those come first, or a pause that the answer
    /// has ended would be carried out after its end, for good.
    private func carryOut(
        _ actions: [ConnectionAction], _ owned: OwnedConnection
    ) throws(Failure) {
        guard !owned.isCarryingOut else { return owned.laterActions.append(contentsOf: actions) }
        owned.isCarryingOut = true
        for action in actions { try carryOut(action, owned) }
        while !owned.laterActions.isEmpty {
            let due = owned.laterActions
            owned.laterActions = []
            for action in due { try carryOut(action, owned) }
        }
        owned.isCarryingOut = false
        try settle()
    }

    private func carryOut(
        _ action: ConnectionAction, _ owned: OwnedConnection
    ) throws(Failure) {
        switch action {
        case .dispatch(let id, let message, let route):
            try take(begin(id, message, route), of: id, owned)
        case .refuse(let id, let head, let route, let error):
            try take(refuse(id, head, route, error), of: id, owned)
        case .reject(let id, let error): try take(reject(id, error), of: id, owned)
        case .cancelPending: try cancelAll()
        case .write(let bytes): try write(bytes)
        case .pauseReading: try pauseReading()
        case .resumeReading: try resumeReading()
        case .setTimer(let time): try setTimer(at: time)
        case .cancelTimer: try cancelTimer()
        case .finishWriting: try finishWriting()
        case .close: try close()
        case .abort: try abort()
        }
    }

    private func take(
        _ step: RequestStep, of id: RequestID, _ owned: OwnedConnection
    ) throws(Failure) {
        switch step {
        case .pending(let work): owned.requests.insert(id, work)
        case .answer(let message):
            let actions = owned.machine.respond(to: id, message, date: date(), now: now)
            try carryOut(actions, owned)
        }
    }

    /// The work as the owner's own; it handed it in.
    private func own(_ work: AnyObject) -> Work {
        guard let work = work as? Work else { preconditionFailure("work of another owner") }
        return work
    }
}
