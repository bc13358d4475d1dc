internal import Batching
internal import Heads

/// The means a batch is computed with: the engine, and the turn that its work asks between blocks.
struct ComputeTools: Sendable {
    let engine: ComputeEngine
    /// Nil for brief work, which is never paused.
    private let turn: Turn?

    /// Means of brief work.
    init(engine: ComputeEngine) {
        self.engine = engine
        turn = nil
    }

    /// Means of work that takes turns: threads of its own, which may be held up without holding up
    /// anybody else's.
    init(engine: ComputeEngine, turn: Turn) {
        self.engine = engine.withOwnThreads { turn.checkpoint() }
        self.turn = turn
    }

    /// Returns when the work may go on.
    func checkpoint() { turn?.checkpoint() }

    /// Nanoseconds for which the batch has been paused.
    var pausedTime: UInt64 { turn?.pausedTime ?? 0 }
}
