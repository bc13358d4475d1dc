/// A value that is confined to a loop, as code of other threads carries it: they reach it with a
/// job for the loop's thread. Using it anywhere else stops the process.
///
/// The box may die on any thread; the value is released on the loop's, or, when the loop has
/// ended, wherever the box dies.
package final class LoopBound<Value>: Sendable {
    // Safety: the value is read only behind a check of the calling thread, and cleared either
    // there or, when no loop runs any more, by the box's last owner.
    private final class Holder: @unchecked Sendable {
        var value: Value?

        init(_ value: Value) { self.value = value }
    }

    private let handle: EventLoopHandle
    private let holder: Holder

    /// Binds a value to the loop; to be called on the loop's thread.
    package init(_ value: Value, to loop: EventLoop) {
        precondition(loop.handle.isCurrent, "bound outside the loop's thread")
        handle = loop.handle
        holder = Holder(value)
    }

    /// Whether the caller runs on the loop's thread, and may use the value at once.
    package var isCurrent: Bool { handle.isCurrent }

    /// Runs `body` with the value on the loop's thread, after all jobs given before; not at once
    /// even there, so that it is never within a call of the value's own. True when it will run;
    /// false when the loop has ended.
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
