import Synchronization
import Testing

@testable import HTTPMessages
@testable import Service
@testable import Sockets

/// The way of results to their event loop.
@Suite final class LoopRepliesTests {
    /// Results as they arrive, with whether that was on the loop's thread.
    private final class Arrivals: Sendable {
        struct Arrival: Equatable, Sendable {
            let connection: ConnectionID
            let request: RequestID
            let isOnLoop: Bool
        }

        private let all = Mutex<[Arrival]>([])

        func append(_ arrival: Arrival) { all.withLock { $0.append(arrival) } }
        var list: [Arrival] { all.withLock { $0 } }
    }

    private final class Sink: ReplySink {
        let arrivals: Arrivals
        let handle: EventLoopHandle

        init(_ arrivals: Arrivals, _ handle: EventLoopHandle) {
            self.arrivals = arrivals
            self.handle = handle
        }

        func finish(_ connection: ConnectionID, _ request: RequestID, _ result: WorkResult) {
            arrivals.append(
                .init(connection: connection, request: request, isOnLoop: handle.isCurrent))
        }
    }

    private let thread: EventLoopThread
    private let arrivals = Arrivals()
    private let replies: LoopReplies
    /// The only owner of the sink.
    private let sink: LoopBound<Sink>

    init() throws {
        thread = try EventLoopThread()
        let arrivals = arrivals
        (replies, sink) = try thread.handle.result { loop in
            let (replies, sink) = (LoopReplies(loop), Sink(arrivals, loop.handle))
            replies.connect(to: sink)
            return (replies, LoopBound(sink, to: loop))
        }
    }

    deinit { thread.stopAndJoin() }

    private static func request(_ ordinal: Int) -> RequestID { RequestID(ordinal: UInt64(ordinal)) }

    @Test func `results of another thread arrive on the loop, in order`() throws {
        for ordinal in 0..<100 {
            replies.send(
                TestDesk.connection(UInt32(ordinal)), Self.request(ordinal),
                .answer(.failure(.deadline)))
        }
        try thread.handle.result { _ in }
        #expect(
            arrivals.list
                == (0..<100).map { ordinal in
                    .init(
                        connection: TestDesk.connection(UInt32(ordinal)),
                        request: Self.request(ordinal), isOnLoop: true)
                })
    }

    @Test func `results of the loop's own thread arrive at once`() throws {
        let (replies, arrivals) = (replies, arrivals)
        let counts = try thread.handle.result { _ in
            (0..<3).map { ordinal in
                replies.send(
                    TestDesk.connection(0), Self.request(ordinal), .answer(.failure(.deadline)))
                return arrivals.list.count
            }
        }
        #expect(counts == [1, 2, 3])
    }

    @Test func `results for a sink that is gone have no effect`() throws {
        let (replies, thread) = (replies, thread)
        let own = try thread.handle.result { loop in
            let replies = LoopReplies(loop)
            // The sink lives no longer than this call.
            replies.connect(to: Sink(Arrivals(), loop.handle))
            replies.send(
                TestDesk.connection(0), Self.request(0), .answer(.failure(.deadline)))
            return replies
        }
        own.send(TestDesk.connection(0), Self.request(1), .answer(.failure(.deadline)))
        try thread.handle.result { _ in }
        thread.stopAndJoin()
        replies.send(TestDesk.connection(0), Self.request(2), .answer(.failure(.deadline)))
        #expect(arrivals.list.isEmpty, "the loop has ended")
    }

    @Test func `results of a request's address find its connection and request`() throws {
        let address = ReplyAddress(
            connection: TestDesk.connection(7), request: Self.request(9), target: replies)
        address.send(.answer(.failure(.deadline)))
        try thread.handle.result { _ in }
        #expect(arrivals.list.map(\.connection) == [TestDesk.connection(7)])
        #expect(arrivals.list.map(\.request) == [Self.request(9)])
    }
}
