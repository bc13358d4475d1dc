internal import Batching
internal import Clocks
internal import HTTPMessages
internal import Heads
internal import InferenceAPI
internal import Predictions

/// The data path of a prediction. HTTP message → request → job → queue here, on the connection's
/// event loop; queue → batch → head → kernel → answer in `BatchRunner`, on the batcher's queue;
/// the answer returns to the loop through the reply address of `InFlight`.
///
/// Belongs to one thread or queue at a time, as its decoders do: an event loop's, or that of
/// `BodyReadingQueue`.
final class RequestPipeline {
    private let shared: SharedService
    private let decoders: RequestDecoders
    /// Nil where every job goes to the shared batcher.
    private let inline: InlineBatches?

    init(_ shared: SharedService, inline: InlineBatches? = nil) {
        self.shared = shared
        self.inline = inline
        decoders = RequestDecoders(shared.requestLimits)
    }

    /// Starts a prediction. Its answer is sent once, from any thread, unless this throws.
    func predict(_ request: PredictionRequest) throws(Refusal) {
        let models = try shared.readyModels()
        let deadline = try request.deadline(max: shared.options.requestTimeout)
        guard request.message.framing != .none else { throw .lengthRequired }
        let wanted = try decode(request, models)
        guard let model = models.model(named: wanted.model) else { throw .notReady }
        request.inFlight.note { $0.model = model.model.name }
        let job = PredictionJob(
            model: model, rows: wanted.rows, options: try options(of: wanted, model),
            deadline: deadline, admission: MonotonicClock.now, encoder: wanted.encoder,
            inFlight: request.inFlight)
        try submit(job, request.inFlight)
    }

    private func decode(
        _ request: PredictionRequest, _ models: ModelSet
    ) throws(Refusal) -> PredictRequest {
        let message = request.message
        let format = try BodyType.format(message.head.headers, of: request.formats)
        if request.route.endpoint.ownErrors == nil {
            request.inFlight.note { $0.errors = format.errors }
        }
        let body = try RequestBody(of: message, limit: shared.options.maxBodyBytes)
        let target = RequestTarget(query: message.head.query, pathModel: request.route.model)
        let wanted: PredictRequest
        do throws(RequestError) {
            wanted = try decoders[format].decode(body, target, models.inputWidths)
        } catch {
            // To its reader, a body that cannot be decoded further ends too early.
            throw body.failure ?? Refusal(error)
        }
        // Its checksum may be wrong, and more may follow.
        if let failure = body.failure { throw failure }
        return wanted
    }

    /// The options of each row, once it is known that the model can give what is asked.
    private func options(
        of request: PredictRequest, _ model: ServedModel
    ) throws(Refusal) -> [RowOptions] {
        let (parameters, summary) = (request.parameters, model.summary)
        try Availability.check(parameters, request.encoder.fields, summary.output)
        let options = (0..<request.rows.count).map { index in
            RowOptions(
                topK: parameters.topK,
                sampleCount: parameters.sampleCount ?? summary.defaultSampleCount ?? 1,
                seed: parameters.seed(ofRow: index), estimator: parameters.estimator,
                wantsProbabilities: parameters.outputs.contains(.probabilities))
        }
        let limit = shared.options.maxResponseBytes
        guard request.encoder.mayFit(options, classCount: summary.classCount, maxBytes: limit)
        else { throw .responseTooLarge(limit: limit) }
        return options
    }

    private func submit(_ job: PredictionJob, _ inFlight: InFlight) throws(Refusal) {
        // Before it is in the queue: its batch may add to it at once.
        inFlight.note { $0.work = RequestWork(rowCount: job.options.count, computation: nil) }
        do throws(Refusal) {
            if let inline, inline.takes(job) {
                let admission = inline.batcher.submit(
                    job, key: job.model.ordinal, client: inFlight.reply.connection,
                    rows: job.options.count, deadline: job.deadline, withoutTurn: true)
                inFlight.wait(in: inline.batcher, try shared.ticket(of: admission), .predicting)
            } else {
                let admission = shared.executor.submit(
                    job, key: job.model.ordinal, client: inFlight.reply.connection,
                    size: job.size(maxRows: shared.options.maxBatchRows), deadline: job.deadline)
                inFlight.wait(in: shared.executor, try shared.ticket(of: admission), .predicting)
            }
        } catch {
            inFlight.note { $0.work = nil }
            throw error
        }
    }
}
