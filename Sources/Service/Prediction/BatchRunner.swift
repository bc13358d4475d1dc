internal import Clocks
internal import Heads
internal import Predictions
internal import Sockets
internal import Telemetry

/// Computes batches: the jobs of one model become one batch of rows, and its outcomes answers.
struct BatchRunner: Sendable {
    let metrics: ServiceMetrics
    /// Rows a head computes at once: bounds its memory, and its time past a deadline, where a
    /// single request has more.
    let maxRows: Int
    /// Bytes an answer may have.
    let maxResponseBytes: Int

    /// Runs a batch, whose jobs are all of one model and of one kind of work. Rows and the figures
    /// of an answer are counted before it is sent, the batch's duration, without the time for which
    /// it was paused, behind the last.
    func run(_ jobs: [PredictionJob], with tools: ComputeTools) {
        guard let model = jobs.first?.model else { return }
        let start = MonotonicClock.now
        let outcomes = predict(model, jobs, start: start, tools)
        let (end, paused) = (MonotonicClock.now, tools.pausedTime)
        metrics.batchRows.observe(Double(outcomes.count))
        var (first, samples) = (0, 0)
        for job in jobs {
            let own = outcomes[first..<first + job.options.count]
            first += job.options.count
            let drawn = count(own, of: model)
            samples += drawn
            job.note(samples: drawn, start: start, end: end, paused: paused)
            job.answer(own, maxBytes: maxResponseBytes)
            tools.checkpoint()
        }
        let elapsed = MonotonicClock.now - start
        let duration = elapsed - min(elapsed, tools.pausedTime)
        metrics.batchDuration.observe(seconds(duration))
        record(jobs, samples: samples, nanoseconds: duration)
    }

    /// Keeps a batch's time for the estimates of later ones. A law that turned out to need samples
    /// tells nothing of laws, nor of rows that were meant to be sampled.
    private func record(
        _ jobs: [PredictionJob], samples: Int, nanoseconds: UInt64
    ) {
        guard let first = jobs.first, let times = first.times,
            first.work?.kind != .law || samples == 0
        else { return }
        var (rows, units) = (0, 0)
        for job in jobs {
            guard let work = job.work, job.times === times else { return }
            rows += job.options.count
            units += job.options.count * work.sampleCount
        }
        times.record(rows: rows, samples: units / max(rows, 1), nanoseconds: nanoseconds)
    }

    /// Answers jobs whose deadline passed while they waited.
    func expire(_ jobs: [PredictionJob]) {
        for job in jobs { job.refuse(.deadline) }
    }

    private func predict(
        _ model: ServedModel, _ jobs: [PredictionJob], start: UInt64, _ tools: ComputeTools
    ) -> [RowOutcome] {
        for job in jobs {
            metrics.queueDuration.observe(seconds(start - min(start, job.admission)))
        }
        let (options, owners) = Self.rows(of: jobs)
        return RowBlocks.map(options.count, atMost: maxRows) { rows in
            // Heads ask between blocks of samples, on all threads.
            let isWanted = { @Sendable (row: Int) in
                tools.checkpoint()
                return owners[rows.lowerBound + row].isWanted(now: MonotonicClock.now)
            }
            guard (0..<rows.count).contains(where: isWanted) else {
                return rows.map { _ in .notWanted }
            }
            let batch = FeatureBatch(
                rows: FeatureRows.joined(jobs.map(\.rows), rows: rows),
                options: Array(options[rows]))
            return model.model.head.predict(
                batch, ComputeContext(engine: tools.engine, isWanted: isWanted))
        }
    }

    /// The options of all rows, and the job that each of them is of.
    private static func rows(of jobs: [PredictionJob]) -> ([RowOptions], [PredictionJob]) {
        var (options, owners) = ([RowOptions](), [PredictionJob]())
        let count = jobs.reduce(0) { $0 + $1.options.count }
        options.reserveCapacity(count)
        owners.reserveCapacity(count)
        for job in jobs {
            options += job.options
            owners += repeatElement(job, count: job.options.count)
        }
        return (options, owners)
    }

    /// Counts predictions; the result is the number of samples.
    private func count(_ outcomes: ArraySlice<RowOutcome>, of model: ServedModel) -> Int {
        var samples = 0
        for case .prediction(let prediction) in outcomes {
            model.metrics.count(prediction)
            samples += prediction.uncertainty?.sampleCount ?? 0
        }
        model.metrics.samples.increment(by: UInt64(samples))
        return samples
    }

    private func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) * 1e-9 }
}

/// A count cut into blocks.
enum RowBlocks {
    /// The results of all blocks, in order; a block has `limit` rows, the last one perhaps fewer.
    static func map<Result>(
        _ count: Int, atMost limit: Int, _ body: (Range<Int>) -> [Result]
    ) -> [Result] {
        // Not copied where there is one block only, as there is most of the time.
        if 0 < count, count <= limit { return body(0..<count) }
        return stride(from: 0, to: count, by: limit).flatMap { body($0..<min(count, $0 + limit)) }
    }
}
