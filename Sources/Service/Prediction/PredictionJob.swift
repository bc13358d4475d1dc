internal import Batching
internal import Heads
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
    /// The work of a row, its samples on average; nil where its time cannot be told from that of
    /// other jobs: it runs by itself, and its time tells nothing of others.
    let work: RowWork?
    /// The times of such work.
    let times: RunTimes?
    /// Expected nanoseconds of computing it alone, when it was made; nil where nothing like it had
    /// run by then.
    let expectedTime: UInt64?
    private let encoder: any AnswerEncoder
    let inFlight: InFlight
    private let held: HeldCharge

    init(
        model: ServedModel, rows: FeatureRows, options: [RowOptions], deadline: UInt64,
        admission: UInt64, encoder: any AnswerEncoder, inFlight: InFlight, heldBytes: HeldBytes
    ) {
        self.model = model
        self.rows = rows
        self.options = options
        self.deadline = deadline
        self.admission = admission
        self.encoder = encoder
        self.inFlight = inFlight
        held = HeldCharge(heldBytes)
        work = Self.work(options, of: model)
        times = work.map { model.runTimes[$0.kind] }
        expectedTime = work.flatMap {
            model.runTimes[$0.kind].nanoseconds(rows: options.count, samples: $0.sampleCount)
        }
    }

    /// The work that all rows have in common but for the number of samples; nil where one has
    /// another kind of it.
    private static func work(_ options: [RowOptions], of model: ServedModel) -> RowWork? {
        var (kind, samples) = (RowWork.Kind?.none, 0)
        for option in options {
            guard let own = model.summary.work(of: option), own.kind == kind ?? own.kind else {
                return nil
            }
            kind = own.kind
            samples += own.sampleCount
        }
        return RowWork(kind: kind ?? .law, sampleCount: max(1, samples / max(options.count, 1)))
    }

    /// Names the jobs that may share its batch: those of one model and of one kind of work, so that
    /// the batch's time is one of that kind.
    var batchKey: Int {
        let kinds = RowWork.Kind.allCases.count + 1
        return model.ordinal * kinds + (work?.kind.rawValue ?? kinds - 1)
    }

    /// Whether the answer is of use at `now`.
    func isWanted(now: UInt64) -> Bool { now < deadline && inFlight.isWanted }

    /// Notes the cost of its batch, before the answer is sent. Monotonic nanoseconds; `paused` is
    /// how long others computed between the two.
    func note(samples: Int, start: UInt64, end: UInt64, paused: UInt64) {
        let computation = RequestWork.Computation(
            sampleCount: samples, queueTime: start - min(start, admission) + paused,
            computeTime: end - start - min(end - start, paused))
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

extension PredictionJob {
    /// Counts its rows as held for as long as it is there: until it is answered, expired or given
    /// up.
    func holdRows() throws(Refusal) {
        let numbers = rows.dense.count + rows.values.count + rows.columns.count
        let perRow = MemoryLayout<FeatureRows.Place>.stride + MemoryLayout<RowOptions>.stride
        try held.add(numbers * MemoryLayout<Float>.stride + options.count * perRow)
    }

    /// Its size for the queue. At most `maxRows` rows are computed at once, as `compute` says.
    func size(maxRows: Int, _ compute: ComputeOptions) -> EntrySize {
        EntrySize(
            rows: options.count, expected: expectedTime,
            bytes: heldBytes(maxRows: maxRows, compute))
    }

    /// Bytes that its computation holds, about: logits, probabilities and moments of the rows that
    /// are computed at once, a block of samples on each thread, and the outcomes of all.
    private func heldBytes(maxRows: Int, _ compute: ComputeOptions) -> Int {
        let classes = model.summary.classCount
        let size = MemoryLayout<Float>.stride
        let samples = options.first.map { compute.sampleBytes(of: $0, model.summary) } ?? 0
        let block = (2 * min(options.count, maxRows) + 32) * classes * size + samples
        let outcome =
            (options.first?.entryBytes(classCount: classes) ?? 0)
            + (options.contains(where: \.wantsProbabilities) ? classes * size : 1024)
        let (outcomes, overflow) = options.count.multipliedReportingOverflow(by: outcome)
        return overflow ? .max / 2 : block + outcomes
    }
}

extension RowOptions {
    /// Bytes of an answer's entries, beyond those of a few listed ones: labels that are asked for,
    /// and the laws of them all over the noise.
    fileprivate func entryBytes(classCount: Int) -> Int {
        guard hasDetails else { return 0 }
        let details = details
        var bytes = details.labels.count * MemoryLayout<Candidate>.stride
        if details.wantsProfiles {
            let numbers = details.quantileLevels.count + NoiseProfile.binCount
            let profile = numbers * MemoryLayout<Float>.stride + Self.profileHeaders
            bytes += (details.labels.count + min(topK, classCount)) * profile
        }
        return bytes
    }

    /// Bytes of a profile beside its numbers: its memory of its own, and the heads of two arrays.
    private static let profileHeaders = 16 + MemoryLayout<NoiseProfile>.stride + 64
}
