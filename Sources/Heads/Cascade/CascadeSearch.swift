internal import LogitKernels
internal import Predictions
internal import Synchronization

/// Top-k under the cascade's ranking score: the product of a group's factor and the local ones.
///
/// Groups outside the beam are absent, not zero. Labels are visited once each, so there are no
/// duplicates; codes that are not labels (pads among them) are never kept. Rows of a batch go
/// through a level in waves: those that visit a prefix in the same wave share one reading of the
/// rows below it.
struct CascadeSearch {
    let cascade: Cascade
    /// B×C0.
    let groupLogits: [Float]
    /// B×h, one a level.
    let hidden: [[Float]]
    let options: [RowOptions]
    let context: ComputeContext

    /// Prefixes a row visits in the first wave, and the factor by which their number then grows. It
    /// bounds the number read needlessly: at most four times those that must be read.
    private static let firstVisitCount = 2
    private static let growth = 4

    /// 1 MiB; a wave has more only where one prefix of one row does.
    private static let maxWaveScores = 1 << 18

    /// One outcome a row, in row order.
    func outcomes() -> [RowOutcome] {
        let stride = cascade.levels.map(\.stride).max() ?? 1
        let blockSize = max(1, min(options.count, Self.maxWaveScores / stride))
        var outcomes: [RowOutcome] = []
        for first in Swift.stride(from: 0, to: options.count, by: blockSize) {
            outcomes += block(first..<min(first + blockSize, options.count))
        }
        return outcomes
    }

    private func block(_ batch: Range<Int>) -> [RowOutcome] {
        let rows = begin(batch)
        var scores: [Float] = []
        for index in cascade.levels.indices {
            if index > 0 {
                context.kernel.pool.forEach(rows.count) { rows[$0].state.withLock { $0.descend() } }
            }
            search(index, rows, &scores)
        }
        return rows.map { $0.state.withLock { $0.outcome } }
    }

    private func begin(_ batch: Range<Int>) -> [LockedRow] {
        let rows = batch.map { LockedRow(index: $0) }
        let beam = cascade.keepsAllGroups ? cascade.group.outputCount : cascade.beam
        context.kernel.pool.forEach(rows.count) { place in
            let logits = groupLogits.matrixRow(rows[place].index, width: cascade.group.outputCount)
            rows[place].state.withLock {
                $0 = CascadeRow(groups: logits, beam: beam, cascade.activation, context.kernel)
            }
        }
        return rows
    }

    /// The search of one level.
    private func level(_ index: Int, _ row: Int) -> CascadeRow.Level {
        let (level, isLast) = (cascade.levels[index], index + 1 == cascade.levels.count)
        let kept = cascade.keepsAllGroups ? level.embedding.rowCount : cascade.beam
        let wanted = min(options[row].topK, cascade.radix.classCount)
        return CascadeRow.Level(
            level: level, activation: cascade.activation,
            // A row that wants nothing visits nothing at any level.
            capacity: isLast || wanted == 0 ? wanted : kept,
            codeLimit: isLast ? cascade.radix.classCount : level.embedding.rowCount, isLast: isLast)
    }

    private func search(_ index: Int, _ rows: [LockedRow], _ scores: inout [Float]) {
        let stride = cascade.levels[index].stride
        let most = max(1, Self.maxWaveScores / stride / rows.count)
        for row in rows { row.state.withLock { $0.enter(level(index, row.index)) } }
        var (wave, count) = (CascadeWave(), Self.firstVisitCount)
        while true {
            step(index, rows, wave, scores, planning: min(count, most))
            wave = CascadeWave(rows, cascade.levels[index])
            guard !wave.runs.isEmpty else { return }
            let missing = wave.entries.count * stride - scores.count
            if missing > 0 { scores.append(contentsOf: repeatElement(0, count: missing)) }
            var span = scores.mutableSpan
            context.kernel.gatheredScores(
                of: cascade.levels[index].embedding, wave.runs, entries: wave.entries,
                vectors: hidden[index], stride: stride, into: &span)
            count *= Self.growth
        }
    }

    /// Lets every row visit the prefixes of the last wave and plan the next one.
    private func step(
        _ index: Int, _ rows: [LockedRow], _ wave: CascadeWave, _ scores: [Float],
        planning count: Int
    ) {
        context.kernel.pool.forEach(rows.count) { place in
            let row = rows[place]
            let level = level(index, row.index)
            row.state.withLock { state in
                guard context.isWanted(row.index) else { return state.abandon() }
                state.visit(
                    scores.span, wave.places(ofRow: place), stride: level.level.stride, level,
                    context.kernel)
                state.plan(count, level)
            }
        }
    }
}
