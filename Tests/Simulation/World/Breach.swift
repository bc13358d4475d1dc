/// An invariant that does not hold.
package enum Invariant: String, Sendable {
    case requestsInOrder = "requests are handed on once, whole and in order"
    case oneAnswer = "a request that is still wanted has exactly one answer"
    case answersInOrder = "answers leave in the order of the requests"
    case rowsUnmixed = "an answer is made of its own request's rows"
    case refusedForCause = "only what is cut off or malformed is refused"
    case leftForCause = "a client is given up only when it has gone"
    case goneIsDropped = "nothing waits for a client that has gone"
    case countersAgree = "the queue counts what it holds"
    case limitsHold = "no limit is passed"
    case batchIsSound = "a batch is of one key, in time, in order, and not too large"
    case timersAhead = "no timer is set in the past, and none is missing"
    case drainEnds = "a drain ends, and loses nothing"
    case leavesOnce = "an entry leaves the queue once: in a batch, expired or cancelled"
    case oneSlice = "one slice runs at a time, of a batch in progress, for a quantum at most"
    case workConserving = "nothing that may run waits while nothing runs"
    case refusedByOwnShare = "a client is refused for what it has itself, and for that always"
    case sharesAreEqual = "clients that have work get the same time"
    case newcomersGetHalf = "new clients get half of the time beside one that stays"
    case waitIsBounded = "an entry waits for so many quanta"
    case roomInTurn = "clients get room for long batches in turn"
}

/// The place and the manner in which an invariant was broken. The seed and the step repeat it.
package struct Breach: Error, CustomStringConvertible {
    package let invariant: Invariant
    let detail: String
    let line: Int
    package internal(set) var seed: UInt64 = 0
    package internal(set) var step = 0

    package var description: String {
        "seed \(seed), step \(step): \(invariant.rawValue): \(detail) (line \(line))"
    }
}

/// Throws a breach unless the condition holds.
func require(
    _ holds: Bool, _ invariant: Invariant, _ detail: @autoclosure () -> String, line: Int = #line
) throws(Breach) {
    guard holds else { throw Breach(invariant: invariant, detail: detail(), line: line) }
}
