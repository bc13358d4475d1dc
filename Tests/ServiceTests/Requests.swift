import Fixtures
import Synchronization
import Testing

@testable import HTTPMessages
@testable import Heads
@testable import InferenceAPI
@testable import Predictions
@testable import Service
@testable import Sockets

/// Requests and their parts, without sockets.
enum Requests {
    /// The only request of a stream: method and target, header lines, body.
    static func message(
        _ line: String, _ fields: String = "", body: [UInt8] = []
    ) throws -> HTTPRequestMessage {
        try only(
            "\(line) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\(fields)\r\n", body)
    }

    /// The same without a body and its framing.
    static func bare(_ line: String, _ fields: String = "") throws -> HTTPRequestMessage {
        try only("\(line) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
    }

    private static func only(_ head: String, _ body: [UInt8] = []) throws -> HTTPRequestMessage {
        let bytes = Array(head.utf8) + body
        var parser = RequestParser(limits: HTTPLimits())
        var offset = 0
        if let message = try parser.parse(bytes.span, at: &offset) { return message }
        return try #require(try parser.parse(bytes.span, at: &offset))
    }

    static func context() -> RequestContext {
        RequestContext(
            requestID: "1", traceparent: nil, arrival: 0, codings: AcceptedCodings())
    }

    /// A request in flight whose results `replies` gets.
    static func inFlight(_ replies: Replies = Replies(), ordinal: UInt64 = 0) -> InFlight {
        let connection = ConnectionID(
            source: SourceID(index: 0, generation: 0), loop: ObjectIdentifier(Replies.self))
        return InFlight(
            context(),
            reply: ReplyAddress(
                connection: connection, request: RequestID(ordinal: ordinal), target: replies))
    }

    /// A demo model as it is served.
    static func served(_ name: String) throws -> ServedModel {
        let metrics = try ServiceMetrics(
            buildVersion: "1", kernel: "baseline", routes: EndpointTable.labels
        ) { 0 }
        let model = try Model.load(path: Fixtures.demoModel(name))
        return ServedModel(
            ordinal: 0, model: model, metrics: metrics.register(model: model.name))
    }
}

/// Results in the order in which they came.
final class Replies: ReplyTarget {
    private let results = Mutex<[WorkResult]>([])
    private let onResult: @Sendable (WorkResult) -> Void

    init(_ onResult: @escaping @Sendable (WorkResult) -> Void = { _ in }) {
        self.onResult = onResult
    }

    func send(_ connection: ConnectionID, _ request: RequestID, _ result: WorkResult) {
        results.withLock { $0.append(result) }
        onResult(result)
    }

    var all: [WorkResult] { results.withLock { $0 } }

    /// The statuses of the answers.
    var statuses: [Int] {
        all.compactMap { result in
            guard case .answer(let answer) = result else { return nil }
            return answer.status
        }
    }
}

extension PredictionJob {
    /// A job whose features do not matter.
    static func made(
        of model: ServedModel, rows: Int, samples: Int = 1, _ inFlight: InFlight? = nil,
        deadline: UInt64 = .max, heldBytes: HeldBytes = HeldBytes(limit: .max)
    ) -> PredictionJob {
        let options = RowOptions(
            topK: 1, sampleCount: samples, seed: 0, wantsProbabilities: false)
        return made(
            of: model, options: [RowOptions](repeating: options, count: rows), inFlight,
            deadline: deadline, heldBytes: heldBytes)
    }

    static func made(
        of model: ServedModel, options: [RowOptions], _ inFlight: InFlight? = nil,
        deadline: UInt64 = .max, heldBytes: HeldBytes = HeldBytes(limit: .max)
    ) -> PredictionJob {
        let (width, rows) = (model.summary.inputCount, options.count)
        return PredictionJob(
            model: model,
            rows: FeatureRows(
                dense: [Float](repeating: 0.5, count: rows * width), count: rows),
            options: options,
            deadline: deadline, admission: 0,
            encoder: JSONAnswer.toJSON, inFlight: inFlight ?? Requests.inFlight(),
            heldBytes: heldBytes)
    }
}
