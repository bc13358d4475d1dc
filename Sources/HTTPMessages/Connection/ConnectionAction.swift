/// Names one request of one connection: its ordinal, counted from 0 in the order of arrival.
package struct RequestID: Hashable, Comparable, Sendable {
    package let ordinal: UInt64

    package static func < (left: RequestID, right: RequestID) -> Bool {
        left.ordinal < right.ordinal
    }
}

/// A step that the owner of a connection's socket carries out, in the order of the list.
package enum ConnectionAction: Sendable {
    /// Hand the request on to the endpoint that `RequestVerdict` found for it;
    /// `ServerConnection.respond` is due once, whatever comes of it.
    case dispatch(RequestID, HTTPRequestMessage, (any RequestRoute)?)
    /// Answer a request that was refused, in the service's own words; `respond` is due once.
    /// The answer's status should be `error.status`.
    case reject(RequestID, HTTPParseError)
    /// Answer a request that `RequestVerdict` refused with this error; `respond` is due once.
    case refuse(RequestID, RequestHead, (any RequestRoute)?, any Error)
    /// Nobody reads the answers that are still due: drop the work on them. `respond` has no effect
    /// for these requests any more.
    case cancelPending
    /// Queue the bytes; report with `writeProgressed` as they leave.
    case write([UInt8])
    /// Stop reading until `resumeReading`, so that the peer is held back by its own socket.
    case pauseReading
    case resumeReading
    /// Call `timerFired` at or after this time, in place of any time set before.
    case setTimer(at: UInt64)
    case cancelTimer
    /// Close the sending side once everything queued is flushed; go on reading.
    case finishWriting
    /// Close the connection once everything queued is flushed.
    case close
    /// Close the connection now and drop what is queued.
    case abort
}
