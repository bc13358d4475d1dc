/// A value that is confined to a loop, for code of other threads to hold: they reach it with a job
/// for the loop's thread. Using it on any other thread stops the process.
///
/// The box may be released on any thread. The value is released on the loop's thread or, once the
/// loop has ended, together with the box.
package final class LoopBound<Value>: Sendable {
    // Safety: the value is read only after a check of the calling thread, and cleared either there
    // or, when the loop has ended, by the box's last owner.
    private final class Holder: @unchecked Sendable {
        var value: Value?

        init(_ value: Value) { self.value = value }
    }

    private let handle: EventLoopHandle
    private let holder: Holder

    /// Binds a value to the loop. To be called on the loop's thread.
    package init(_ value: Value, to loop: EventLoop) {
        precondition(loop.handle.isCurrent, "bound outside the loop's thread")
        handle = loop.handle
        holder = Holder(value)
    }

    /// Whether the caller is on the loop's thread, and may use the value at once.
    package var isCurrent: Bool { handle.isCurrent }

    /// Runs `body` with the value on the loop's thread, after all earlier jobs. Never at once, even
    /// on that thread, so that it never runs within another use of the value. Returns true if it
    /// will run, false if the loop has ended.
    @discardableResult
    package func execute(_ body: @escaping @Sendable (Value) -> Void) -> Bool {
        handle.execute(BoundJob(bound: self, body: body))
    }

    /// Runs `body` with the value, on the loop's thread only.
    package func withValue<Result>(_ body: (Value) -> Result) -> Result {
        precondition(handle.isCurrent, "a loop's value used outside its thread")
        guard let value = holder.value else { preconditionFailure("a value used after its box") }
        return body(value)
    }

    deinit {
        guard !handle.isCurrent else { return }
        let holder = self.holder
        handle.execute { _ in holder.value = nil }
    }
}

private struct BoundJob<Value>: LoopJob {
    let bound: LoopBound<Value>
    let body: @Sendable (Value) -> Void

    func run(on loop: EventLoop) { bound.withValue(body) }
}
