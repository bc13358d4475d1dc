/// A deliberate fault, planted by tests to see that the invariants notice it.
package enum Fault: Sendable {
    /// A job gets the rows that lie one further in its batch.
    case rowsShifted
    /// A connection is told a time that is long past.
    case clockStandsStill
    /// A timer that a connection asks for is not set.
    case timersLost
    /// Results computed during a drain do not reach their connection.
    case answersLost

    // In the queue.
    /// Of a batch of several clients only as much is charged as one of them should pay.
    case sharersUncharged
    /// A client begins each turn without debt.
    case debtForgiven
    /// A client goes first each time it was idle, not once a round.
    case firstEveryTime
    /// New clients are not charged, so that they never are ahead.
    case newcomersUncharged
    /// Slices are twice as long.
    case slicesStretched
    /// The rows of others count as a client's own.
    case quotaShared
    /// A deadline must leave time for what others have waiting.
    case deadlineBehindOthers
    /// A batch that was suspended does not go on.
    case batchForgotten
    /// Another slice begins while one is under way.
    case twoAtOnce
    /// Entries of all models are taken for one's.
    case keysMixed
    /// The bytes that batches held are never given back.
    case bytesKept
    /// An entry that expires is not given out.
    case expiredDropped
}
