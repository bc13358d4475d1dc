/// Carries a value that is confined to a loop through code of other threads, so that a job can
/// find it again. Using it anywhere but on the loop's thread stops the process.
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

    /// Runs `body` with the value on the loop's thread, after all jobs given before.
    @discardableResult
    package func execute(_ body: @escaping @Sendable (Value) -> Void) -> Bool {
        handle.execute { _ in self.withValue(body) }
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
