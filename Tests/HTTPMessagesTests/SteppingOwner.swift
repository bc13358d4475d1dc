import HTTPTypes

@testable import HTTPMessages

/// An owner without a socket that writes down what it is asked for, in order, and whose requests
/// take the steps that a test chooses.
final class SteppingOwner: ConnectionOwner {
    /// A fault that a test injects.
    struct Fault: Error, Equatable {
        let call: Call
    }

    /// Work under way, by its number.
    final class Work {
        let number: Int
        init(_ number: Int) { self.number = number }
    }

    /// A call of the connection's, with the request or the work where there is one.
    enum Call: Hashable {
        case begin(UInt64)
        case refuse(UInt64)
        case reject(UInt64)
        case cancel(Int)
        case write, pauseReading, resumeReading, setTimer, cancelTimer, finishWriting, close, abort
        case settle
    }

    /// The endpoint that a test's policy finds.
    final class TestRoute: RequestRoute {
        let name: String
        init(_ name: String) { self.name = name }
    }

    let owned: OwnedConnection
    var now: UInt64 = 1_000
    var calls: [Call] = []
    /// Names of the routes that came with requests, in order; nil for one without a route.
    var routes: [String?] = []
    var isPaused = false
    var timer: UInt64?
    /// Works that were handed out, numbered from 0.
    private(set) var workCount = 0
    /// Whether a request is answered at once.
    var answersAtOnce: (RequestID) -> Bool = { _ in false }
    /// The call that fails.
    var faulty: Call?
    /// Called at the end of each event.
    var onSettle: () -> Void = {}

    init(
        limits: HTTPLimits = HTTPLimits(),
        policy: @escaping RequestVerdict.Policy = { _ in RequestVerdict(.take) }
    ) {
        owned = OwnedConnection(ServerConnection(limits: limits, now: 1_000, policy: policy))
    }

    static func answer(_ id: RequestID) -> HTTPResponseMessage {
        HTTPResponseMessage(status: .ok, body: Array("<\(id.ordinal)>".utf8))
    }

    func receive(_ text: String) throws(Fault) { try receive(Array(text.utf8).span) }

    func pending() -> RequestStep {
        workCount += 1
        return .pending(Work(workCount - 1))
    }

    /// Calls without those of timers and settling.
    var steps: [Call] { calls.filter { ![.setTimer, .cancelTimer, .settle].contains($0) } }

    private func note(_ call: Call) throws(Fault) {
        calls.append(call)
        if call == faulty { throw Fault(call: call) }
    }

    private func step(
        _ call: Call, _ id: RequestID, _ route: (any RequestRoute)?
    ) throws(Fault) -> RequestStep {
        try note(call)
        routes.append((route as? TestRoute)?.name)
        return answersAtOnce(id) ? .answer(Self.answer(id)) : pending()
    }

    // MARK: ConnectionOwner

    func date() -> HTTPDate { HTTPDate(unixSeconds: 0) }

    func begin(
        _ id: RequestID, _ message: HTTPRequestMessage, _ route: (any RequestRoute)?
    ) throws(Fault) -> RequestStep {
        try step(.begin(id.ordinal), id, route)
    }

    func refuse(
        _ id: RequestID, _ head: RequestHead, _ route: (any RequestRoute)?, _ error: any Error
    ) throws(Fault) -> RequestStep {
        try step(.refuse(id.ordinal), id, route)
    }

    func reject(_ id: RequestID, _ error: HTTPParseError) throws(Fault) -> RequestStep {
        try step(.reject(id.ordinal), id, nil)
    }

    func cancel(_ work: Work) throws(Fault) { try note(.cancel(work.number)) }
    func write(_ bytes: [UInt8]) throws(Fault) { try note(.write) }

    func pauseReading() throws(Fault) {
        isPaused = true
        try note(.pauseReading)
    }

    func resumeReading() throws(Fault) {
        isPaused = false
        try note(.resumeReading)
    }

    func setTimer(at time: UInt64) throws(Fault) {
        timer = time
        try note(.setTimer)
    }

    func cancelTimer() throws(Fault) {
        timer = nil
        try note(.cancelTimer)
    }

    func finishWriting() throws(Fault) { try note(.finishWriting) }
    func close() throws(Fault) { try note(.close) }
    func abort() throws(Fault) { try note(.abort) }

    func settle() throws(Fault) {
        onSettle()
        try note(.settle)
    }
}
