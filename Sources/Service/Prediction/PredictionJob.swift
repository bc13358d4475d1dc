internal import InferenceAPI
internal import Predictions

/// One predict request on its way through the queue: its rows, the options of each, and the request
/// that waits for the answer.
final class PredictionJob: Sendable {
    let model: ServedModel
    /// Rows of the model's input width.
    let rows: FeatureRows
    /// One entry a row.
    let options: [RowOptions]
    /// The deadline in monotonic nanoseconds; a later answer is not wanted.
    let deadline: UInt64
    /// When it was handed to the queue.
    let admission: UInt64
    private let encoder: any AnswerEncoder
    let inFlight: InFlight

    init(
        model: ServedModel, rows: FeatureRows, options: [RowOptions], deadline: UInt64,
        admission: UInt64, encoder: any AnswerEncoder, inFlight: InFlight
    ) {
        self.model = model
        self.rows = rows
        self.options = options
        self.deadline = deadline
        self.admission = admission
        self.encoder = encoder
        self.inFlight = inFlight
    }

    /// Units of work: samples for a model that draws them, else rows.
    var units: Int {
        model.hasSamples ? options.reduce(0) { $0 + $1.sampleCount } : options.count
    }

    /// Whether the answer is of use at `now`.
    func isWanted(now: UInt64) -> Bool { now < deadline && inFlight.isWanted }

    /// Notes the cost of its batch, before the answer is sent. Monotonic nanoseconds.
    func note(samples: Int, start: UInt64, end: UInt64) {
        let computation = RequestWork.Computation(
            sampleCount: samples, queueTime: start - min(start, admission),
            computeTime: end - start)
        inFlight.note {
            $0.work = RequestWork(rowCount: options.count, computation: computation)
        }
    }

    /// Sends the answer made of its rows' outcomes, once.
    func answer(_ outcomes: ArraySlice<RowOutcome>, maxBytes: Int) {
        do throws(AnswerError) {
            let answer = try encoder.encode(outcomes, of: model.identity, maxBytes: maxBytes)
            inFlight.reply.send(.answer(.success(answer)))
        } catch {
            refuse(Refusal(error))
        }
    }

    /// Sends a refusal in the answer's place, once.
    func refuse(_ refusal: Refusal) { inFlight.reply.send(.answer(.failure(refusal))) }
}
