import Clocks
import Fixtures
import Heads
import InferenceAPI
import Predictions
import Telemetry

@testable import HTTPMessages
@testable import Service
@testable import Sockets

/// The service from a request's dispatch to its answer, without sockets. Belongs to the test's
/// thread.
final class TestDesk {
    /// The end of a request, with what was known of it then.
    struct Outcome {
        let answer: Answer
        let context: RequestContext
        /// Whether the request was answered at once.
        let isImmediate: Bool

        var status: Int { answer.status }
        var bytes: [UInt8] { (try? answer.get().bytes) ?? [] }

        /// The refusal in the answer's place.
        var refusal: Refusal? {
            guard case .failure(let refusal) = answer else { return nil }
            return refusal
        }
    }

    let shared: SharedService
    let accounts: RequestAccounts
    let bodyReading: BodyReadingQueue
    private let desk: RequestDesk
    private let turn = Turn()
    private var requestCount: UInt64 = 0

    /// Work that is put off to the end of a turn.
    private final class Turn {
        var endings: [() -> Void] = []
    }

    /// - Parameters:
    ///   - models: names of demo models that are in service; none while they are being loaded.
    ///   - isInline: whether brief predictions are computed at the end of the turn.
    init(
        _ options: ServiceOptions = ServiceOptions(), models: [String] = [], isInline: Bool = false
    ) throws {
        shared = try SharedService(options, routes: EndpointTable.labels)
        accounts = RequestAccounts(shared)
        bodyReading = BodyReadingQueue(shared)
        let turn = turn
        let atTurnEnd = { (work: @escaping () -> Void) in turn.endings.append(work) }
        let inline = isInline ? shared.makeInlineBatches(atTurnEnd) : nil
        desk = RequestDesk(
            EndpointSources(shared, atTurnEnd: atTurnEnd),
            RequestPipeline(shared, inline: inline), bodyReading)
        if !models.isEmpty { try serve(models) }
    }

    /// The turn's work holds the desk's parts, which hold the turn.
    deinit { turn.endings = [] }

    func serve(_ names: [String]) throws {
        shared.serve(
            ModelSet(
                models: try names.map {
                    shared.served(try Model.load(path: Fixtures.demoModel($0)))
                }))
    }

    func model(_ name: String? = nil) -> ServedModel? { shared.loadedModels?.model(named: name) }

    /// The name of a connection.
    static func connection(_ number: UInt32) -> ConnectionID {
        ConnectionID(
            source: SourceID(index: number, generation: 0), loop: ObjectIdentifier(Replies.self))
    }

    /// Hands a request to its endpoint.
    func handle(
        _ message: HTTPRequestMessage, _ replies: Replies, connection: UInt32 = 0,
        key: APIKeyID? = nil, arrival: UInt64 = MonotonicClock.now
    ) -> RequestDesk.Handling {
        let route = EndpointTable.find(message.head.path)?.shown(key)
        let context = accounts.open(message.head, route: route, now: arrival)
        requestCount += 1
        let reply = ReplyAddress(
            connection: Self.connection(connection), request: RequestID(ordinal: requestCount),
            target: replies)
        return desk.handle(message, route, context, reply)
    }

    /// Handles a request and waits for its answer.
    func answer(
        _ message: HTTPRequestMessage, connection: UInt32 = 0, arrival: UInt64 = MonotonicClock.now
    ) throws -> Outcome {
        let awaited = AwaitedReplies()
        switch handle(message, awaited.replies, connection: connection, arrival: arrival) {
        case .answered(let answer, let context):
            return Outcome(answer: answer, context: context, isImmediate: true)
        case .pending(let inFlight):
            endTurn()
            let answer = try awaited.nextAnswer()
            return Outcome(answer: answer, context: inFlight.context, isImmediate: false)
        }
    }

    /// The request in flight; nil when it was answered at once.
    func begin(
        _ message: HTTPRequestMessage, _ replies: Replies, connection: UInt32 = 0,
        key: APIKeyID? = nil, arrival: UInt64 = MonotonicClock.now
    ) -> InFlight? {
        guard
            case .pending(let inFlight) = handle(
                message, replies, connection: connection, key: key, arrival: arrival)
        else { return nil }
        return inFlight
    }

    /// Does what was put off; true if there was something.
    @discardableResult
    func endTurn() -> Bool {
        let due = turn.endings
        turn.endings = []
        for ending in due { ending() }
        return !due.isEmpty
    }

    func rejected(_ reason: ServiceMetrics.Rejection) -> UInt64 {
        shared.metrics.rejected.child(reason.rawValue).value
    }
}

/// Rows of features and the bodies that carry them.
struct TestRows {
    let count: Int
    let width: Int
    let features: [Float]

    /// Rows of values that any format carries exactly: sixteenths.
    init(_ count: Int, width: Int, seed: UInt64 = 1) {
        var random = SeededRandom(seed: seed)
        self.count = count
        self.width = width
        features = (0..<count * width).map { _ in
            Float(Int.random(in: 0...16, using: &random)) / 16
        }
    }

    /// A JSON body, with further members, as `"parameters":{}`.
    func json(_ members: String = "") -> [UInt8] {
        let rows = (0..<count).map { row in
            let values = features[row * width..<(row + 1) * width].map { "\($0)" }
            return "[" + values.joined(separator: ",") + "]"
        }
        let more = members.isEmpty ? "" : "," + members
        return Array("{\"instances\":[\(rows.joined(separator: ","))]\(more)}".utf8)
    }

    /// A `.npy` file of version 1.0 in float32, as the format's document has it.
    var array: [UInt8] {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(count), \(width)), }"
        while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
        header += "\n"
        let length = header.utf8.count
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
            + Array(header.utf8)
            + features.flatMap { value in
                (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
            }
    }

    /// The answer that the head's own predictions make, with the defaults of a request.
    func answer(of model: ServedModel, _ engine: ComputeEngine, _ encoder: any AnswerEncoder)
        throws -> [UInt8]
    {
        let options = RowOptions(
            topK: 5, sampleCount: model.summary.defaultSampleCount ?? 1, seed: 0,
            wantsProbabilities: false)
        let outcomes = model.model.head.predict(
            FeatureBatch(
                features: features, options: [RowOptions](repeating: options, count: count)),
            ComputeContext(engine: engine, isWanted: { _ in true }))
        return try encoder.encode(outcomes[...], of: model.identity, maxBytes: .max).bytes
    }
}
