internal import Batching
internal import Sockets

/// Short predictions, which cost less than a change of threads: the loop computes them at the end
/// of its turn. It has a batcher of its own, so that no loop waits for another one's batch or sends
/// answers for it. Belongs to that loop.
final class InlineBatches {
    /// Nanoseconds of computation that may delay a turn's other connections, probes among them.
    /// Further work goes to the shared batcher.
    static let maxTurnNanoseconds = 300_000.0

    let batcher: PredictionBatcher
    private let atTurnEnd: (@escaping () -> Void) -> Void
    /// Expected nanoseconds of this turn's work so far.
    private var expected = 0.0
    private var isTurnOwed = false

    /// - Parameter atTurnEnd: puts work off to the end of the loop's turn.
    init(batcher: PredictionBatcher, atTurnEnd: @escaping (@escaping () -> Void) -> Void) {
        self.batcher = batcher
        self.atTurnEnd = atTurnEnd
    }

    convenience init(loop: EventLoop, batcher: PredictionBatcher) {
        self.init(batcher: batcher, atTurnEnd: loop.atTurnEnd)
    }

    /// Whether the job is computed at the end of this turn: its submission then owes no turn.
    func takes(_ job: PredictionJob) -> Bool {
        guard let time = job.expectedTime else { return false }
        let sum = expected + Double(time)
        guard sum <= Self.maxTurnNanoseconds else { return false }
        expected = sum
        if !isTurnOwed {
            isTurnOwed = true
            atTurnEnd { self.run() }
        }
        return true
    }

    private func run() {
        expected = 0
        isTurnOwed = false
        batcher.runTurn()
    }
}
