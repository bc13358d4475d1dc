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
    /// Samples a row, on average: 1 for a model that draws none.
    let samplesPerRow: Int
    /// Whether its time can be told from that of other jobs; else it runs by itself, and its time
    /// tells nothing of others.
    let isEstimated: Bool
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
        samplesPerRow = Self.samplesPerRow(options, of: model)
        isEstimated = Self.isEstimated(options, of: model)
        expectedTime =
            isEstimated
            ? model.runTimes.nanoseconds(rows: options.count, samples: samplesPerRow) : nil
    }

    /// Labels that are named up to which they cost nothing to speak of.
    private static let maxFreeLabels = 100

    /// A law that may turn out to need samples, samples where others have a law, and points that
    /// are turned take times of their own, which those of other rows do not tell.
    private static func isEstimated(_ options: [RowOptions], of model: ServedModel) -> Bool {
        let summary = model.summary
        return options.allSatisfy { option in
            guard option.labels.count <= maxFreeLabels else { return false }
            guard model.hasSamples else { return true }
            return summary.hasKnownLaw
                ? summary.link == .sigmoid && option.estimator == .auto
                : option.estimator != .only(.quasiMonteCarlo)
        }
    }

    private static func samplesPerRow(_ options: [RowOptions], of model: ServedModel) -> Int {
        let summary = model.summary
        let samples = options.reduce(0) { $0 + summary.expectedSamples(of: $1) }
        return max(1, samples / max(options.count, 1))
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
        let samples =
            model.hasSamples
            ? compute.sampleBytes(
                classCount: classes, estimator: options.first?.estimator ?? .auto) : 0
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
            let profile = numbers * MemoryLayout<Float>.stride + Self.arrayHeaders
            bytes += (details.labels.count + min(topK, classCount)) * profile
        }
        return bytes
    }

    /// Bytes of the two arrays of a profile beside their numbers.
    private static let arrayHeaders = 64
}
