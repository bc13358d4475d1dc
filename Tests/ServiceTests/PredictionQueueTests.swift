import Batching
import Clocks
import HTTPMessages
import Predictions
import Testing

@testable import InferenceAPI
@testable import Service

/// Predictions that wait for a batch, while a gate holds the batcher's queue.
@Suite struct PredictionQueueTests {
    /// A desk of one model whose batcher is held up by the answer to a first request.
    private struct HeldDesk {
        let desk: TestDesk
        let gate = Gate()
        private let width: Int

        init(maxQueueRows: Int = 8) throws {
            var options = ServiceOptions()
            options.maxQueueRows = maxQueueRows
            desk = try TestDesk(options, models: ["digits-mhp"])
            width = try #require(desk.model()).summary.inputCount
            _ = try #require(desk.begin(try message(), gate.replies, connection: 1000))
            try #require(gate.isReached())
        }

        func message(rows: Int = 1, _ fields: String = "") throws -> HTTPRequestMessage {
            try Requests.message(
                "POST /predict", fields, body: TestRows(rows, width: width).json())
        }
    }

    @Test func `the rows of a request are known while it waits, their cost behind its batch`()
        throws
    {
        let held = try HeldDesk()
        let awaited = AwaitedReplies()
        let inFlight = try #require(held.desk.begin(try held.message(rows: 3), awaited.replies))
        #expect(inFlight.context.model == "digits-mhp")
        #expect(inFlight.context.work?.rowCount == 3)
        #expect(inFlight.context.work?.computation == nil)
        #expect(inFlight.stage == .predicting)
        #expect(held.desk.shared.executor.waitingRows == 3)
        held.gate.open()
        #expect(try awaited.nextAnswer().status == 200)
        #expect(inFlight.context.work?.rowCount == 3)
        #expect(inFlight.context.work?.computation != nil)
    }

    @Test func `a request that is given up leaves the queue unanswered`() throws {
        let held = try HeldDesk()
        let (left, stays) = (Replies(), AwaitedReplies())
        let inFlight = try #require(held.desk.begin(try held.message(rows: 2), left))
        _ = try #require(held.desk.begin(try held.message(), stays.replies))
        #expect(held.desk.shared.executor.waitingRows == 3)
        inFlight.cancel()
        #expect(held.desk.shared.executor.waitingRows == 1)
        #expect(
            inFlight.context.work?.rowCount == 2, "its line in the log has the rows it asked for")
        held.gate.open()
        #expect(try stays.nextAnswer().status == 200)
        #expect(left.all.isEmpty)
    }

    /// Of 8 rows that a client may have waiting, it has 2.
    @Test(arguments: -1...1)
    func `a client's full queue refuses and says when to come back`(excess: Int) throws {
        let held = try HeldDesk(maxQueueRows: 8)
        defer { held.gate.open() }
        let replies = Replies()
        let first = try #require(held.desk.begin(try held.message(rows: 2), replies, connection: 1))
        let outcome = held.desk.handle(
            try held.message(rows: 6 + excess), replies, connection: 1)
        switch outcome {
        case .pending(let second):
            #expect(excess <= 0)
            #expect(held.desk.rejected(.queueFull) == 0)
            second.cancel()
        case .answered(.failure(let refusal), let context):
            #expect(excess > 0)
            #expect(refusal.status == 429 && refusal.code == "queue_full")
            #expect(refusal.retryAfter == 1)
            #expect(refusal.detail == "2 of at most 8 rows of this client wait already")
            #expect(held.desk.rejected(.queueFull) == 1)
            #expect(context.work == nil, "no rows of a request that was not admitted")
            #expect(context.model == "digits-mhp")
        case .answered: Issue.record("an answer without a batch")
        }
        first.cancel()
        #expect(held.desk.shared.executor.waitingRows == 0)
    }

    @Test func `what others have waiting refuses nobody`() throws {
        let held = try HeldDesk(maxQueueRows: 8)
        defer { held.gate.open() }
        let replies = Replies()
        for connection in 1...20 {
            let message = try held.message(rows: 8)
            _ = try #require(
                held.desk.begin(message, replies, connection: UInt32(connection)))
        }
        #expect(held.desk.shared.executor.waitingRows == 160)
        #expect(held.desk.rejected(.queueFull) == 0)
    }

    @Test func `a request whose deadline passes while it waits is told so`() throws {
        let held = try HeldDesk()
        let awaited = AwaitedReplies()
        let message = try held.message("X-Request-Timeout-Ms: 100\r\n")
        let arrival = MonotonicClock.now
        let inFlight = held.desk.begin(message, awaited.replies, arrival: arrival)
        // Where this thread stood still for so long, it was refused at once.
        guard let inFlight else { return #expect(held.desk.rejected(.deadline) == 1) }
        #expect(eventually { MonotonicClock.now > arrival + 100_000_000 })
        held.gate.open()
        #expect(try awaited.nextAnswer().status == 504)
        #expect(inFlight.context.work?.computation == nil)
    }

    @Test func `a batch of jobs that nobody wants is answered without computing`() throws {
        let desk = try TestDesk(models: ["digits-hetxl"])
        let replies = Replies()
        let inFlight = Requests.inFlight(replies)
        let job = PredictionJob.made(
            of: try #require(desk.model()), rows: 2, samples: 10, inFlight)
        inFlight.cancel()
        #expect(!job.isWanted(now: 0))
        let runner = BatchRunner(
            metrics: desk.shared.metrics, maxRows: 1, maxResponseBytes: 1 << 20)
        runner.run([job], with: ComputeTools(engine: desk.shared.engine))
        #expect(replies.statuses == [504])
        #expect(inFlight.context.work?.computation?.sampleCount == 0)
        runner.expire([job])
        #expect(replies.statuses == [504, 504])
    }

    // MARK: Admissions

    private static func refusal(_ admission: Admission, _ desk: TestDesk) -> Refusal? {
        do throws(Refusal) {
            _ = try desk.shared.ticket(of: admission)
            return nil
        } catch {
            return error
        }
    }

    @Test func `every admission that is none is refused and counted`() throws {
        let cases: [(Admission, Int, String, ServiceMetrics.Rejection)] = [
            (.queueFull(waitingRows: 1, limit: 1, estimatedWait: 0), 429, "queue_full", .queueFull),
            (.deadlineOutOfReach(estimatedWait: 1), 429, "deadline_out_of_reach", .deadline),
            (.expired, 504, "deadline_exceeded", .deadline), (.noRows, 503, "draining", .draining),
        ]
        for (admission, status, code, reason) in cases {
            let desk = try TestDesk()
            let refusal = try #require(Self.refusal(admission, desk))
            #expect(refusal.status == status && refusal.code == code)
            for other in ServiceMetrics.Rejection.allCases {
                #expect(desk.rejected(other) == (other == reason ? 1 : 0))
            }
        }
    }

    @Test(
        arguments: [
            (0, 1), (1, 1), (999_999_999, 1), (1_000_000_000, 1), (1_000_000_001, 2),
            (1_999_999_999, 2), (2_000_000_000, 2), (2_000_000_001, 3), (.max, 18_446_744_074),
        ] as [(UInt64, Int)])
    func `the time to come back is in whole seconds, rounded up`(wait: UInt64, seconds: Int) throws
    {
        let desk = try TestDesk()
        for admission in [
            Admission.queueFull(waitingRows: 1, limit: 1, estimatedWait: wait),
            .deadlineOutOfReach(estimatedWait: wait),
        ] {
            #expect(Self.refusal(admission, desk)?.retryAfter == seconds)
        }
    }
}
