/// The result for one row: its prediction, or the reason that there is none.
package enum RowOutcome: Sendable, Equatable {
    case prediction(Prediction)
    /// The deadline passed or the client left before the row was done.
    case notWanted
    /// The row's values are finite, but its logits are not: float32 overflowed on the way.
    case overflow
    /// The head reads rows of the checkpoint's file as it needs them, and the file has lost some.
    case lostWeights
}
