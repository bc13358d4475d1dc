/// The state of one connection as its owner holds it.
package struct OwnedConnection<Work> {
    package var machine: ServerConnection
    package var requests = RequestTable<Work>()
    @usableFromInline var isCarryingOut = false
    /// Actions that came up while others were carried out.
    @usableFromInline var laterActions: [ConnectionAction] = []

    package init(_ machine: ServerConnection) { self.machine = machine }
}

/// The next step of a request.
package enum RequestStep<Work> {
    /// The answer is there.
    case answer(HTTPResponseMessage)
    /// Work is under way; `ConnectionOwner.finish` takes it up when it is done.
    case pending(Work)
}

/// The owner of a connection: carries out the actions of its state machine, and knows the work
/// under way for each request. A conforming type says how a request begins and what a socket is;
/// which action follows which event is decided here, once for the service, the simulation, the
/// fuzzer and the tests.
///
/// Belongs to one thread.
package protocol ConnectionOwner: AnyObject {
    associatedtype Work
    /// The error with which carrying out may fail; `Never` outside tests.
    associatedtype Failure: Error

    var owned: OwnedConnection<Work> { get set }
    /// Monotonic nanoseconds.
    var now: UInt64 { get }
    /// The value of the Date header.
    func date() -> HTTPDate

    // Requests: each call is answered with the request's next step.

    /// Starts a dispatched request. `route` is that of its verdict.
    func begin(
        _ id: RequestID, _ message: HTTPRequestMessage, _ route: (any RequestRoute)?
    ) throws(Failure) -> RequestStep<Work>
    /// Answers a request that the verdict on its head refused with `error`.
    func refuse(
        _ id: RequestID, _ head: RequestHead, _ route: (any RequestRoute)?, _ error: any Error
    ) throws(Failure) -> RequestStep<Work>
    /// Answers a request that HTTP refused.
    func reject(_ id: RequestID, _ error: HTTPParseError) throws(Failure) -> RequestStep<Work>
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
    @inlinable
    package func start() throws(Failure) { try carryOut(owned.machine.start()) }

    @inlinable
    package func receive(_ bytes: Span<UInt8>) throws(Failure) {
        try carryOut(owned.machine.receive(bytes, now: now))
    }

    @inlinable
    package func peerClosedReading() throws(Failure) {
        try carryOut(owned.machine.peerClosedReading(now: now))
    }

    @inlinable
    package func writeProgressed(pending: Int) throws(Failure) {
        try carryOut(owned.machine.writeProgressed(pending: pending, now: now))
    }

    @inlinable
    package func timerFired() throws(Failure) {
        try carryOut(owned.machine.timerFired(now: now))
    }

    @inlinable
    package func beginDrain() throws(Failure) {
        try carryOut(owned.machine.beginDrain(now: now))
    }

    @inlinable
    package func shedBody() throws(Failure) { try carryOut(owned.machine.shedBody(now: now)) }

    /// Takes up work that is done. Without effect when nobody waits for it any more; else
    /// `complete` makes it the request's next step.
    @inlinable
    package func finish(
        _ id: RequestID, _ complete: (Work) throws(Failure) -> RequestStep<Work>
    ) throws(Failure) {
        guard let work = owned.requests.remove(id) else { return }
        try take(complete(work), of: id)
    }

    /// Gives up all work: the socket is gone.
    @inlinable
    package func cancelAll() throws(Failure) {
        for work in owned.requests.removeAll() { try cancel(work) }
    }
}

// Actions.
extension ConnectionOwner {
    /// Carries actions out in the order the machine gave them. A request that is answered at once
    /// makes new ones while older ones are still due: those come first, or a pause that the answer
    /// has ended would be carried out after its end, for good.
    @inlinable
    func carryOut(_ actions: [ConnectionAction]) throws(Failure) {
        guard !owned.isCarryingOut else { return owned.laterActions.append(contentsOf: actions) }
        owned.isCarryingOut = true
        var due = actions
        while !due.isEmpty {
            for action in due { try carryOut(action) }
            due = owned.laterActions
            owned.laterActions = []
        }
        owned.isCarryingOut = false
        try settle()
    }

    @inlinable
    func carryOut(_ action: ConnectionAction) throws(Failure) {
        switch action {
        case .dispatch(let id, let message, let route):
            try take(begin(id, message, route), of: id)
        case .refuse(let id, let head, let route, let error):
            try take(refuse(id, head, route, error), of: id)
        case .reject(let id, let error): try take(reject(id, error), of: id)
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

    @inlinable
    func take(_ step: RequestStep<Work>, of id: RequestID) throws(Failure) {
        switch step {
        case .pending(let work): owned.requests.insert(id, work)
        case .answer(let message):
            try carryOut(owned.machine.respond(to: id, message, date: date(), now: now))
        }
    }
}
