import Clocks
import Heads
import Predictions
import Testing

@testable import HTTPMessages
@testable import InferenceAPI
@testable import Service

/// The rows of predictions that wait, among the bytes that are held.
@Suite struct HeldRowTests {
    private let gate = Gate()

    /// A desk whose compute threads are held up by a first request's answer; its rows are held.
    private func heldDesk(_ options: ServiceOptions = ServiceOptions()) throws -> TestDesk {
        let desk = try TestDesk(options, models: ["digits-mhp"])
        _ = try #require(desk.begin(try message(desk), gate.replies, connection: 1000))
        try #require(gate.isReached())
        return desk
    }

    private func message(_ desk: TestDesk, rows: Int = 1, _ fields: String = "") throws
        -> HTTPRequestMessage
    {
        let width = try #require(desk.model()).summary.inputCount
        return try Requests.message(
            "POST /predict", fields, body: TestRows(rows, width: width).json())
    }

    /// Four bytes a number, its place, and the row's options.
    private func bytes(_ desk: TestDesk, rows: Int) throws -> Int {
        let width = try #require(desk.model()).summary.inputCount
        let perRow = MemoryLayout<FeatureRows.Place>.stride + MemoryLayout<RowOptions>.stride
        return rows * (4 * width + perRow)
    }

    @Test func `rows are held while they wait, and until their answer`() throws {
        let desk = try heldDesk()
        let held = desk.shared.heldBytes
        #expect(held.held == (try bytes(desk, rows: 1)))
        let awaited = AwaitedReplies()
        _ = try #require(desk.begin(try message(desk, rows: 5), awaited.replies))
        #expect(held.held == (try bytes(desk, rows: 6)))
        gate.open()
        #expect(try awaited.nextAnswer().status == 200)
        #expect(eventually { held.held == 0 })
    }

    @Test func `rows that are given up are given back at once`() throws {
        let desk = try heldDesk()
        defer { gate.open() }
        let inFlight = try #require(desk.begin(try message(desk, rows: 5), Replies()))
        inFlight.cancel()
        #expect(desk.shared.heldBytes.held == (try bytes(desk, rows: 1)))
    }

    @Test func `so are those that are not admitted`() throws {
        var options = ServiceOptions()
        options.maxQueueRows = 4
        let desk = try heldDesk(options)
        defer { gate.open() }
        let first = try #require(desk.begin(try message(desk, rows: 4), Replies()))
        #expect(desk.begin(try message(desk, rows: 1), Replies()) == nil)
        #expect(desk.rejected(.queueFull) == 1)
        #expect(desk.shared.heldBytes.held == (try bytes(desk, rows: 5)))
        first.cancel()
        #expect(desk.shared.heldBytes.held == (try bytes(desk, rows: 1)))
    }

    @Test func `rows that expire are given back`() throws {
        let desk = try heldDesk()
        let awaited = AwaitedReplies()
        let late = try message(desk, "X-Request-Timeout-Ms: 50\r\n")
        let inFlight = desk.begin(late, awaited.replies)
        // Where this thread stood still for so long, it was refused at once.
        if let inFlight {
            #expect(eventually { MonotonicClock.now > inFlight.arrival + 50_000_000 })
        }
        gate.open()
        if inFlight != nil { #expect(try awaited.nextAnswer().status == 504) }
        #expect(eventually { desk.shared.heldBytes.held == 0 })
    }

    /// A row of 64 numbers is short, and may use the reserve: a quarter beyond the limit.
    @Test(arguments: -1...1) func `rows that find no room are refused`(excess: Int) throws {
        let desk = try TestDesk(models: ["digits-mhp"])
        let held = desk.shared.heldBytes
        let reserve = held.limit + held.limit / 4
        let charged = reserve - (try bytes(desk, rows: 3)) + excess
        held.change(by: charged)
        let outcome = try desk.answer(try message(desk, rows: 3))
        #expect(outcome.status == (excess > 0 ? 503 : 200))
        #expect(outcome.isImmediate == (excess > 0))
        if excess > 0 {
            #expect(outcome.refusal?.code == "out_of_room" && outcome.refusal?.retryAfter == 1)
            #expect(outcome.context.work == nil)
        }
        #expect(eventually { held.held == charged })
    }

    /// They are gone at the turn's end.
    @Test func `rows of a loop's own turn are not counted`() throws {
        let desk = try TestDesk(models: ["digits-mhs"], isInline: true)
        let model = try #require(desk.model())
        model.runTimes[.law].record(rows: 1, samples: 1, nanoseconds: 1)
        let awaited = AwaitedReplies()
        _ = try #require(desk.begin(try message(desk), awaited.replies))
        #expect(desk.shared.heldBytes.held == 0)
        #expect(desk.endTurn())
        #expect(try awaited.nextAnswer().status == 200)
    }

    @Test func `bodies that are read leave nothing held, whatever they are`() throws {
        let desk = try TestDesk(models: ["digits-mhp"])
        let width = try #require(desk.model()).summary.inputCount
        let encoder = try #require(GzipEncoder())
        let good = try #require(encoder.encode(TestRows(3, width: width).json()))
        let gzip = "Content-Encoding: gzip\r\n"
        for body in [good, [], [0], Array(good.dropLast()), good + [1]] {
            let outcome = try desk.answer(
                try Requests.message("POST /predict", gzip, body: body))
            #expect(outcome.status == (body == good ? 200 : 400))
            #expect(eventually { desk.shared.heldBytes.held == 0 })
        }
        let long = [UInt8](repeating: 0x20, count: BodyReadingQueue.maxInlineBytes + 1)
        #expect(try desk.answer(try Requests.message("POST /predict", body: long)).status == 400)
        #expect(eventually { desk.shared.heldBytes.held == 0 })
    }

    @Test func `a body that finds no room is refused as an answer is`() throws {
        let desk = try TestDesk(models: ["digits-mhp"])
        let held = desk.shared.heldBytes
        held.change(by: held.limit)
        let long = [UInt8](repeating: 0x20, count: BodyReadingQueue.maxInlineBytes + 1)
        let outcome = try desk.answer(try Requests.message("POST /predict", body: long))
        #expect(!outcome.isImmediate && outcome.status == 503)
        #expect(outcome.refusal?.code == "out_of_room")
        #expect(eventually { held.held == held.limit })
    }
}
