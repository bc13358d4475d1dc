/// A one-shot timer of a loop that belongs to no connection, for drains and sweeps. Confined to
/// the loop's thread. `close` must be called to release it.
package final class LoopTimer: EventSource {
    private let loop: EventLoop
    private let id: SourceID
    private var action: ((UInt64) -> Void)?

    /// A timer that is not set; `action` gets the loop's time when it fires.
    package init(loop: EventLoop, _ action: @escaping (UInt64) -> Void) throws(SocketError) {
        self.loop = loop
        self.action = action
        id = loop.reserveSource()
        try loop.add(self, as: id)
    }

    /// Fires once at or after `time` (monotonic nanoseconds), in place of any time set before.
    package func set(at time: UInt64) {
        if action != nil { loop.setTimer(id, at: time) }
    }

    package func cancel() { loop.cancelTimer(id) }

    /// Releases the timer and what its action holds; it never fires again.
    package func close() {
        action = nil
        loop.remove(id)
    }

    func ready(_ events: EpollEvents) {}
    func timerFired(now: UInt64) { action?(now) }
    func shutDown() { close() }
}
