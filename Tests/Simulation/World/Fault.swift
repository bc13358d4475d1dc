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
}
