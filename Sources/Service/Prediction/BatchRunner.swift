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

    /// Runs a batch, whose jobs are all of one model. Rows and the figures of an answer are counted
    /// before it is sent, the batch's duration, without the time for which it was paused, behind
    /// the last.
    func run(_ jobs: [PredictionJob], with tools: ComputeTools) {
        guard let model = jobs.first?.model else { return }
        let start = MonotonicClock.now
        let outcomes = predict(model, jobs, start: start, tools)
        let (end, paused) = (MonotonicClock.now, tools.pausedTime)
        metrics.batchRows.observe(Double(outcomes.count))
        var first = 0
        for job in jobs {
            let own = outcomes[first..<first + job.options.count]
            first += job.options.count
            job.note(samples: count(own, of: model), start: start, end: end, paused: paused)
            job.answer(own, maxBytes: maxResponseBytes)
            tools.checkpoint()
        }
        let elapsed = MonotonicClock.now - start
        let duration = elapsed - min(elapsed, tools.pausedTime)
        metrics.batchDuration.observe(seconds(duration))
        let rows = outcomes.count
        let units = jobs.reduce(0) { $0 + $1.options.count * $1.samplesPerRow }
        guard jobs.allSatisfy(\.isEstimated) else { return }
        model.runTimes.record(
            rows: rows, samples: units / max(rows, 1), nanoseconds: duration)
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
        let options = jobs.flatMap(\.options)
        let owners = jobs.flatMap { job in job.options.map { _ in job } }
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

    /// Counts predictions; the result is the number of samples.
    private func count(_ outcomes: ArraySlice<RowOutcome>, of model: ServedModel) -> Int {
        var samples = 0
        for case .prediction(let prediction) in outcomes {
            guard let uncertainty = prediction.uncertainty else { continue }
            model.metrics.entropy.observe(uncertainty.predictiveEntropy)
            if let probability = uncertainty.maxProbability {
                model.metrics.probability.observe(Double(probability))
            }
            samples += uncertainty.sampleCount ?? 0
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
        stride(from: 0, to: count, by: limit).flatMap { body($0..<min(count, $0 + limit)) }
    }
}
