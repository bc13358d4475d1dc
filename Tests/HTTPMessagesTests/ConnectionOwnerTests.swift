import HTTPTypes
import Testing

@testable import HTTPMessages

private typealias Fault = SteppingOwner.Fault
private typealias Call = SteppingOwner.Call

private let plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

private func post(_ path: String = "/", _ body: String) -> String {
    "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

private func id(_ ordinal: UInt64) -> RequestID { RequestID(ordinal: ordinal) }

/// The steps of requests between the state machine and the work.
@Suite struct ConnectionOwnerTests {
    // MARK: Order of actions

    /// The first request's body fills the connection, so reading is paused; its answer makes room,
    /// so reading is resumed. The pause was due first.
    @Test func `an answer given at once does not overtake the pause that it ends`() throws {
        var limits = HTTPLimits()
        limits.maxPipelinedBodyBytes = 4
        let owner = SteppingOwner(limits: limits)
        owner.answersAtOnce = { $0.ordinal == 0 }
        try owner.receive(post("/", "abcd") + plain)
        #expect(owner.steps == [.begin(0), .pauseReading, .write, .begin(1), .resumeReading])
        #expect(!owner.isPaused)
    }

    @Test func `answers given at once are written in the order of their requests`() throws {
        let owner = SteppingOwner()
        owner.answersAtOnce = { $0.ordinal != 1 }
        try owner.receive(plain + plain + plain)
        #expect(owner.steps == [.begin(0), .begin(1), .begin(2), .write])
        try owner.finish(id(1)) { _ in .answer(SteppingOwner.answer(id(1))) }
        #expect(owner.steps.suffix(2) == [.write, .write])
    }

    @Test func `a last request that is answered at once closes behind its answer`() throws {
        let owner = SteppingOwner()
        owner.answersAtOnce = { _ in true }
        try owner.receive(plain + "GET / HTTP/1.0\r\n\r\n")
        #expect(owner.steps == [.begin(0), .begin(1), .write, .write, .close])
    }

    // MARK: Steps

    @Test func `work that is done gives the answer`() throws {
        let owner = SteppingOwner()
        try owner.receive(plain)
        #expect(owner.owned.requests.count == 1)
        #expect(owner.steps == [.begin(0)])
        try owner.finish(id(0)) { work in
            #expect(work.number == 0)
            return .answer(SteppingOwner.answer(id(0)))
        }
        #expect(owner.steps == [.begin(0), .write])
        #expect(owner.owned.requests.isEmpty)
    }

    @Test func `work in stages is handed from one to the next`() throws {
        let owner = SteppingOwner()
        try owner.receive(plain)
        var seen: [Int] = []
        for _ in 0..<3 {
            try owner.finish(id(0)) { work in
                seen.append(work.number)
                return owner.pending()
            }
            #expect(owner.steps == [.begin(0)] && owner.owned.requests.count == 1)
        }
        try owner.finish(id(0)) { work in
            seen.append(work.number)
            return .answer(SteppingOwner.answer(id(0)))
        }
        #expect(seen == [0, 1, 2, 3])
        #expect(owner.steps == [.begin(0), .write])
    }

    @Test func `the last stage's work is the one that is given up`() throws {
        let owner = SteppingOwner()
        try owner.receive(plain + plain)
        try owner.finish(id(0)) { _ in owner.pending() }
        try owner.peerClosedReading()
        #expect(owner.steps == [.begin(0), .begin(1), .cancel(1), .cancel(2), .close])
    }

    @Test func `an answer to a request that was answered has no effect`() throws {
        let owner = SteppingOwner()
        try owner.receive(plain)
        try owner.finish(id(0)) { _ in .answer(SteppingOwner.answer(id(0))) }
        let calls = owner.calls
        for unknown in [0, 1, UInt64.max] {
            try owner.finish(id(unknown)) { _ in
                Issue.record("nobody waits")
                return .answer(SteppingOwner.answer(id(unknown)))
            }
        }
        #expect(owner.calls == calls)
    }

    @Test func `an answer to a client that has left has no effect`() throws {
        let owner = SteppingOwner()
        try owner.receive(plain + plain)
        try owner.peerClosedReading()
        let calls = owner.calls
        for ordinal in [UInt64(0), 1] {
            try owner.finish(id(ordinal)) { _ in
                Issue.record("nobody waits")
                return owner.pending()
            }
        }
        #expect(owner.calls == calls)
        #expect(owner.owned.requests.isEmpty)
    }

    // MARK: Giving up

    private struct Stranger: Error {}

    private static let policy: RequestVerdict.Policy = { head in
        switch head.path {
        case "/closed":
            RequestVerdict(.refuse(Stranger()), route: SteppingOwner.TestRoute("closed"))
        case "/short":
            RequestVerdict(
                .takeUpTo(4, otherwise: Stranger()), route: SteppingOwner.TestRoute("short"))
        case "/nowhere": RequestVerdict(.take)
        default: RequestVerdict(.take, route: SteppingOwner.TestRoute(head.path))
        }
    }

    @Test func `every pending work is given up once, that of refusals included`() throws {
        let owner = SteppingOwner(policy: Self.policy)
        owner.answersAtOnce = { $0.ordinal == 2 }
        try owner.receive(plain + "GET /closed HTTP/1.1\r\nHost: a\r\n\r\n" + plain + plain + "\0")
        #expect(
            owner.steps == [.begin(0), .refuse(1), .begin(2), .begin(3), .reject(4)],
            "the answer that came early waits for its turn")
        try owner.peerClosedReading()
        // The one that was answered at once had no work.
        #expect(
            owner.steps.dropFirst(5) == [.cancel(0), .cancel(1), .cancel(2), .cancel(3), .close])
        try owner.cancelAll()
        #expect(owner.steps.count == 10)
    }

    /// The socket is gone without a word.
    @Test func `all work is given up with the socket`() throws {
        let owner = SteppingOwner(policy: Self.policy)
        try owner.receive(plain + "GET /closed HTTP/1.1\r\nHost: a\r\n\r\n" + plain)
        let calls = owner.calls
        try owner.cancelAll()
        #expect(owner.calls == calls + [.cancel(0), .cancel(1), .cancel(2)])
        try owner.cancelAll()
        try owner.finish(id(0)) { _ in owner.pending() }
        #expect(owner.calls.count == calls.count + 3)
    }

    // MARK: Routes

    @Test func `a request keeps the route of its own verdict`() throws {
        let owner = SteppingOwner(policy: Self.policy)
        try owner.receive(
            "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
                + post("/b", "x") + "GET /closed HTTP/1.1\r\nHost: a\r\n\r\n"
                + post("/short", "1234")
                + "POST /short HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345")
        #expect(owner.routes == ["/a", nil, "/b", "closed", "short", "short"])
        #expect(
            owner.steps == [
                .begin(0), .begin(1), .begin(2), .refuse(3), .begin(4), .refuse(5),
            ])
    }

    @Test func `a body in pieces comes with the route of its head`() throws {
        let owner = SteppingOwner(policy: Self.policy)
        for byte in post("/a", "xy").utf8 { try owner.receive([byte].span) }
        #expect(owner.routes == ["/a"])
        try owner.receive("\0")
        #expect(owner.routes == ["/a", nil], "a request that cannot be read has no route")
    }

    // MARK: Settling

    private func settles(_ owner: SteppingOwner, _ event: () throws -> Void) rethrows -> Int {
        let count = owner.calls.count
        try event()
        return owner.calls.dropFirst(count).count { $0 == .settle }
    }

    @Test func `each event settles once, however many answers it leads to`() throws {
        let owner = SteppingOwner()
        owner.answersAtOnce = { $0.ordinal < 10 }
        #expect(try settles(owner) { try owner.start() } == 1)
        #expect(try settles(owner) { try owner.receive(String(repeating: plain, count: 11)) } == 1)
        #expect(owner.steps.count { $0 == .write } == 10)
        #expect(owner.calls.last == .settle, "settling is the last of an event")
        #expect(try settles(owner) { try owner.writeProgressed(pending: 0) } == 1)
        #expect(try settles(owner) { try owner.timerFired() } == 1)
        #expect(try settles(owner) { try owner.shedBody() } == 1)
        #expect(try settles(owner) { try owner.beginDrain() } == 1)
        let answer = SteppingOwner.answer(id(10))
        #expect(try settles(owner) { try owner.finish(id(10)) { _ in .answer(answer) } } == 1)
        #expect(try settles(owner) { try owner.peerClosedReading() } == 1)
    }

    @Test func `work that goes on, or for nobody, settles nothing`() throws {
        let owner = SteppingOwner()
        try owner.receive(plain)
        #expect(try settles(owner) { try owner.finish(id(0)) { _ in owner.pending() } } == 0)
        #expect(try settles(owner) { try owner.finish(id(1)) { _ in owner.pending() } } == 0)
        #expect(try settles(owner) { try owner.cancelAll() } == 0)
    }

    // MARK: Errors

    @Test(
        arguments: [
            .begin(0), .begin(1), .pauseReading, .setTimer, .write, .resumeReading, .settle,
        ] as [SteppingOwner.Call])
    func `an error on the way of a request reaches the caller of its event`(
        call: SteppingOwner.Call
    ) throws {
        var limits = HTTPLimits()
        limits.maxPipelinedBodyBytes = 4
        let owner = SteppingOwner(limits: limits)
        owner.answersAtOnce = { $0.ordinal == 0 }
        owner.faulty = call
        #expect(throws: SteppingOwner.Fault(call: call)) {
            try owner.receive(post("/", "abcd") + plain)
        }
        #expect(owner.calls.last == call)
    }

    @Test(arguments: [.cancel(0), .cancel(1), .close, .settle] as [SteppingOwner.Call])
    func `so does one on giving up`(call: SteppingOwner.Call) throws {
        let owner = SteppingOwner()
        try owner.receive(plain + plain)
        owner.faulty = call
        #expect(throws: SteppingOwner.Fault(call: call)) { try owner.peerClosedReading() }
        #expect(owner.calls.last == call)
    }

    @Test func `work whose end fails is gone`() throws {
        let owner = SteppingOwner()
        try owner.receive(plain)
        let fault = Fault(call: .write)
        #expect(throws: fault) {
            try owner.finish(id(0)) { (_) throws(Fault) in throw fault }
        }
        #expect(owner.owned.requests.isEmpty)
        owner.faulty = .cancel(0)
        #expect(throws: Never.self) { try owner.cancelAll() }
    }
}
