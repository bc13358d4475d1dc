internal import ByteText

/// Size and times of a prediction, for its `Server-Timing` header and its line in the access log.
struct RequestWork: Sendable {
    let rowCount: Int
    /// Nil when none of its rows reached a batch.
    let computation: Computation?

    struct Computation: Sendable {
        /// Draws of all its rows together.
        let sampleCount: Int
        /// Nanoseconds from the queue to the batch.
        let queueTime: UInt64
        /// Nanoseconds of its whole batch.
        let computeTime: UInt64

        /// Length of a header's value, with times up to hours.
        private static let usualBytes = 64

        /// The value of a `Server-Timing` header (W3C Server Timing), in milliseconds.
        var serverTiming: String {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Self.usualBytes)
            bytes.append(literal: "queue;dur=")
            bytes.append(milliseconds: queueTime)
            bytes.append(literal: ", compute;dur=")
            bytes.append(milliseconds: computeTime)
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
