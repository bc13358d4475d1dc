internal import Heads
internal import InferenceAPI
internal import Predictions
internal import Synchronization

/// One predict request on its way through the queue: the rows, what is asked of them, and where
/// the answer goes.
final class PredictionJob: Sendable {
    let model: ServedModel
    let form: RequestForm
    /// Rows of the model's input width.
    let features: FeatureRows
    /// One entry a row.
    let rows: [RowOptions]
    /// Monotonic nanoseconds after which nobody wants the answer.
    let deadline: UInt64
    /// When it was handed to the queue.
    let admission: UInt64
    private let isCancelled = Atomic<Bool>(false)
    private let computation = Mutex<RequestWork.Computation?>(nil)
    private let reply: @Sendable (Answer) -> Void

    init(
        model: ServedModel, form: RequestForm, features: FeatureRows, rows: [RowOptions],
        deadline: UInt64, admission: UInt64, reply: @escaping @Sendable (Answer) -> Void
    ) {
        self.model = model
        self.form = form
        self.features = features
        self.rows = rows
        self.deadline = deadline
        self.admission = admission
        self.reply = reply
    }

    /// The client has left: what is not computed yet need not be.
    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Whether the answer is of use at `now`.
    func isWanted(now: UInt64) -> Bool {
        now < deadline && !isCancelled.load(ordering: .relaxed)
    }

    /// Notes what its batch took, before the answer is sent. Monotonic nanoseconds.
    func note(samples: Int, start: UInt64, end: UInt64) {
        let noted = RequestWork.Computation(
            sampleCount: samples, queueTime: start - min(start, admission),
            computeTime: end - start)
        computation.withLock { $0 = noted }
    }

    /// What it took so far.
    var work: RequestWork {
        RequestWork(rowCount: rows.count, computation: computation.withLock { $0 })
    }

    /// Sends the answer; to be called once.
    func answer(_ answer: Answer) { reply(answer) }
}

/// What a request comes to.
enum Answer: Sendable {
    /// A JSON body.
    case json([UInt8])
    case text([UInt8], contentType: StaticString)
    /// What OPTIONS asks for: the methods there are.
    case methods(StaticString)
    case refusal(Refusal)
}
