internal import Batching
internal import Sockets

/// Predictions that take less time than handing them to another thread and their answers back:
/// their loop computes them itself, at the end of its turn, in batches of a batcher of its own, so
/// that no loop waits for another one's batch or sends answers for it. Belongs to that loop.
final class BriefWork {
    /// Nanoseconds of computation that a turn's other connections, probes among them, may be held
    /// up by. What a turn has beyond it goes to the batcher of all.
    static let longestTurn = 300_000.0

    private let atTurnEnd: (@escaping () -> Void) -> Void
    private let runTurn: () -> Void
    /// Expected nanoseconds of this turn's work so far.
    private var expected = 0.0
    private var isTurnOwed = false

    /// - Parameters:
    ///   - atTurnEnd: puts work off to the end of the loop's turn.
    ///   - runTurn: computes what waits in the batcher's queue.
    init(atTurnEnd: @escaping (@escaping () -> Void) -> Void, runTurn: @escaping () -> Void) {
        self.atTurnEnd = atTurnEnd
        self.runTurn = runTurn
    }

    convenience init(loop: EventLoop, batcher: PredictionBatcher) {
        self.init(atTurnEnd: loop.atTurnEnd, runTurn: batcher.runTurn)
    }

    /// Whether the job is computed at the end of this turn: its submission then owes no turn.
    func takes(_ job: PredictionJob) -> Bool {
        let sum = expected + job.model.pace.nanoseconds(for: job)
        guard sum <= Self.longestTurn else { return false }
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
        runTurn()
    }
}
