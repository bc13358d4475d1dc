internal import Batching
internal import Clocks
internal import InferenceAPI

/// The means of reading bodies on a lane: its turn, the bytes that are held, and the times that
/// reading took.
struct ReadingTurn: Sendable {
    let turn: Turn
    let heldBytes: HeldBytes
    let times: ByteTimes

    /// Decodes a request's body, which is held until that is done, and stops where nobody waits for
    /// the answer any more. Its time, without that of others' turns, is noted where it was whole.
    func read<Result>(
        _ request: PredictionRequest, limit: Int, deadline: UInt64,
        _ decode: (any BodySource) throws(RequestError) -> Result
    ) throws(Refusal) -> Result {
        let inFlight = request.inFlight
        let body = try RequestBody(request.message, limit: limit, heldBytes) { () throws(Refusal) in
            turn.checkpoint()
            guard inFlight.isWanted, MonotonicClock.now < deadline else { throw .deadline }
        }
        let (start, paused) = (MonotonicClock.now, turn.pausedTime)
        let result: Result
        do throws(RequestError) { result = try decode(body) } catch {
            // To its reader, a body that cannot be decoded further ends too early.
            throw body.failure ?? Refusal(error)
        }
        // Its checksum may be wrong, and more may follow.
        if let failure = body.failure { throw failure }
        let (elapsed, others) = (MonotonicClock.now - start, turn.pausedTime - paused)
        times.record(bytes: body.readBytes, nanoseconds: elapsed - min(elapsed, others))
        return result
    }
}
