internal import Batching
internal import Clocks
internal import HTTPMessages
internal import Heads
internal import InferenceAPI
internal import Predictions

/// The data path of a prediction. HTTP message → request → job → queue here, on the connection's
/// event loop; queue → batch → head → kernel → answer in `BatchRunner`, on a lane of the executor
/// or, where that is brief, at the end of the loop's turn; the answer returns to the loop through
/// the reply address of `InFlight`.
///
/// Belongs to one thread or queue at a time, as its decoders do: an event loop's, or that of a lane
/// of `BodyReadingQueue`.
final class RequestPipeline {
    private let shared: SharedService
    private let decoders: RequestDecoders
    /// Nil where every job takes turns at the compute threads.
    private let inline: InlineBatches?
    /// Nil on a loop, which reads no more in a turn than others can wait for.
    private let reading: ReadingTurn?

    init(_ shared: SharedService, inline: InlineBatches? = nil, reading: ReadingTurn? = nil) {
        self.shared = shared
        self.inline = inline
        self.reading = reading
        decoders = RequestDecoders(shared.requestLimits)
    }

    /// Starts a prediction. Its answer is sent once, from any thread, unless this throws.
    func predict(_ request: PredictionRequest) throws(Refusal) {
        let models = try shared.readyModels()
        let deadline = try request.deadline(max: shared.options.requestTimeout)
        guard request.message.framing != .none else { throw .lengthRequired }
        let wanted = try decode(request, models, deadline: deadline)
        guard let model = models.model(named: wanted.model) else { throw .notReady }
        request.inFlight.note { $0.model = model.model.name }
        let job = PredictionJob(
            model: model, rows: wanted.rows, options: try options(of: wanted, model),
            deadline: deadline, admission: MonotonicClock.now, encoder: wanted.encoder,
            inFlight: request.inFlight, heldBytes: shared.heldBytes)
        try submit(job, request.inFlight)
    }

    private func decode(
        _ request: PredictionRequest, _ models: ModelSet, deadline: UInt64
    ) throws(Refusal) -> PredictRequest {
        let message = request.message
        let format = try BodyType.format(message.head.headers, of: request.formats)
        if request.route.endpoint.ownErrors == nil {
            request.inFlight.note { $0.errors = format.errors }
        }
        let target = RequestTarget(query: message.head.query, pathModel: request.route.model)
        let decoder = decoders[format]
        let decode = { (body: any BodySource) throws(RequestError) in
            try decoder.decode(body, target, models.inputWidths)
        }
        if let reading {
            let limit = shared.options.maxBodyBytes
            return try reading.read(request, limit: limit, deadline: deadline, decode)
        }
        do throws(RequestError) { return try decode(WholeBody(message.body)) } catch {
            throw Refusal(error)
        }
    }

    /// The options of each row, once it is known that the model can give what is asked.
    private func options(
        of request: PredictRequest, _ model: ServedModel
    ) throws(Refusal) -> [RowOptions] {
        let (parameters, summary) = (request.parameters, model.summary)
        let fields = request.encoder.fields
        try Availability.check(parameters, fields, summary)
        if model.hasSamples {
            try Availability.check(
                parameters.estimator, fields, maxSamples: shared.requestLimits.maxSamples)
        }
        let row = parameters.rowOptions(
            summary, maxSampleCount: shared.requestLimits.maxSamples,
            labels: try model.labels.indices(
                of: parameters.labels, fields, classCount: summary.classCount),
            predictionSet: try model.predictionSetRule(for: parameters, fields))
        let options = (0..<request.rows.count).map { index in
            var options = row
            options.seed = parameters.seed(ofRow: index)
            return options
        }
        let limit = shared.options.maxResponseBytes
        guard request.encoder.mayFit(options, classCount: summary.classCount, maxBytes: limit)
        else { throw .responseTooLarge(limit: limit) }
        return options
    }

    private func submit(_ job: PredictionJob, _ inFlight: InFlight) throws(Refusal) {
        // Before it is in the queue: its batch may add to it at once.
        inFlight.note { $0.work = RequestWork(rowCount: job.options.count, computation: nil) }
        if let inline, inline.takes(job) { return inFlight.proceed(to: .predicting) }
        do throws(Refusal) {
            // Those of a loop's own turn are gone at its end.
            try job.holdRows()
            let admission = shared.executor.submit(
                job, key: job.batchKey, client: inFlight.client,
                size: job.size(maxRows: shared.options.maxBatchRows, shared.options.compute),
                deadline: job.deadline)
            inFlight.wait(in: shared.executor, try shared.ticket(of: admission), .predicting)
        } catch {
            inFlight.note { $0.work = nil }
            throw error
        }
    }
}
