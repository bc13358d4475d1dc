internal import Batching
internal import Clocks
internal import HTTPMessages
internal import HTTPTypes
internal import Heads
internal import InferenceAPI
internal import Predictions
internal import Sockets

/// The data path of a prediction. HTTP message → request → job → queue here, on the connection's
/// event loop; queue → batch → head → kernel → answer in `BatchRunner`, on the batcher's queue;
/// the answer returns to the loop through the job's `reply`.
///
/// Belongs to one thread or queue at a time, as its decoder does: an event loop's, or that of
/// `HeavyRequests`.
final class RequestPipeline {
    private let shared: SharedService
    private let decoder: PredictRequestDecoder
    private let arrayDecoder: ArrayRequestDecoder
    /// Nil where every job goes to the batcher of all.
    private let briefWork: BriefWork?
    /// Of what the loop computes itself.
    private let briefBatcher: PredictionBatcher

    init(
        shared: SharedService, briefWork: BriefWork? = nil, briefBatcher: PredictionBatcher? = nil
    ) {
        self.shared = shared
        self.briefWork = briefWork
        self.briefBatcher = briefBatcher ?? shared.batcher
        decoder = PredictRequestDecoder(limits: shared.requestLimits)
        arrayDecoder = ArrayRequestDecoder(limits: shared.requestLimits)
    }

    /// Starts a prediction of a client. `reply` is called once, on any thread, unless this throws.
    func predict(
        _ message: HTTPRequestMessage, pathModel: String?, client: ConnectionID,
        _ context: inout RequestContext, reply: @escaping @Sendable (Answer) -> Void
    ) throws(Refusal) -> PendingPrediction {
        let models = try shared.readyModels()
        let deadline = try RequestDeadline.of(
            message.headers, arrival: context.arrival, longest: shared.options.requestTimeout)
        guard message.framing != .none else { throw .lengthRequired }
        let form = try BodyType.form(message.headers)
        let request = try decode(message, as: form, pathModel: pathModel, models)
        guard let model = request.model.map({ models[$0] }) ?? models.first else {
            throw .notReady
        }
        context.model = model.model.name
        let job = PredictionJob(
            model: model, form: form, features: request.instances,
            rows: try rows(of: request, model),
            deadline: deadline, admission: MonotonicClock.now, reply: reply)
        return try admit(job, from: client)
    }

    private func decode(
        _ message: HTTPRequestMessage, as form: RequestForm, pathModel: String?, _ models: ModelSet
    ) throws(Refusal) -> PredictRequest {
        let body: [UInt8]
        do throws(ContentCodingError) {
            body = try message.decodedBody(limit: shared.options.maxBodyBytes)
        } catch {
            throw Refusal(error)
        }
        let inputWidth = { (name: String?) throws(RequestError) -> Int in
            guard let model = name.map({ models[$0] }) ?? models.first else {
                throw .unknownModel(name ?? "")
            }
            return model.model.head.summary.inputCount
        }
        do throws(RequestError) {
            switch form {
            case .json:
                return try decoder.decode(
                    body.span, query: message.query, pathModel: pathModel, inputWidth: inputWidth)
            case .array:
                return try arrayDecoder.decode(
                    body.span, query: message.query, pathModel: pathModel, inputWidth: inputWidth)
            }
        } catch {
            throw Refusal(error)
        }
    }

    /// What is asked of each row, once it is known that the model can give it.
    private func rows(
        of request: PredictRequest, _ model: ServedModel
    ) throws(Refusal) -> [RowOptions] {
        let summary = model.model.head.summary
        try Availability.check(request.parameters, of: request.form, summary.output)
        let rows = (0..<request.instances.count).map { index in
            RowOptions(
                topK: request.parameters.topK,
                sampleCount: request.parameters.samples ?? summary.defaultSampleCount ?? 1,
                seed: request.parameters.seed(ofInstance: index),
                estimator: request.parameters.estimator,
                wantsProbabilities: request.parameters.outputs.contains(.probabilities))
        }
        let limit = shared.options.maxResponseBytes
        guard PredictionEncoder.mayFit(rows: rows, classCount: summary.classCount, limit: limit)
        else { throw .responseTooLarge(limit: limit) }
        return rows
    }

    private func admit(
        _ job: PredictionJob, from client: ConnectionID
    ) throws(Refusal) -> PendingPrediction {
        let isBrief = briefWork?.takes(job) ?? false
        let batcher = isBrief ? briefBatcher : shared.batcher
        let admission = batcher.submit(
            job, key: job.model.ordinal, client: client, rows: job.rows.count,
            deadline: job.deadline, withoutTurn: isBrief)
        return PendingPrediction(
            job: job, ticket: try shared.ticket(of: admission), batcher: batcher)
    }
}

/// A prediction that was admitted and not answered yet.
struct PendingPrediction: Sendable {
    let job: PredictionJob
    let ticket: Ticket
    let batcher: PredictionBatcher

    /// Drops the work: out of the queue where it still waits, between blocks where it runs.
    func cancel() {
        job.cancel()
        _ = batcher.cancel(ticket)
    }
}
