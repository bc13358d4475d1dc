/// How full a queue is at one instant.
@usableFromInline package struct BatchSnapshot: Sendable, Equatable {
    package let waitingRows: Int
    package let waitingEntries: Int
    /// 0 between batches.
    package let runningRows: Int
    /// Nanoseconds until what waits and runs is expected to be done; 0 before anything ran.
    package let estimatedWait: UInt64
    package let isDraining: Bool

    init<Key, Client, Entry>(_ queue: BatchQueue<Key, Client, Entry>, now: UInt64) {
        waitingRows = queue.waitingRows
        waitingEntries = queue.waitingEntries
        runningRows = queue.runningRows
        estimatedWait = queue.estimatedWait(now: now)
        isDraining = queue.isDraining
    }
}
