import Glibc
import Synchronization

/// A fixed set of compute threads: `threadCount - 1` worker threads, created once and joined in
/// deinit, and the thread that calls `forEach`.
///
/// A pool serves one call at a time. A call made while another runs, from another thread or from
/// inside a body, runs on its caller alone; it never waits and never deadlocks.
///
/// A pool may be given a checkpoint, which each of its threads passes between bodies. It may hold
/// them up there for as long as it likes, so that others compute.
package final class ComputePool: Sendable {
    /// Threads that a call of `forEach` may use, the caller included; at least 1.
    package let threadCount: Int

    let crew = Crew()
    private let isBusy = Atomic(false)
    private let threads: [WorkerThread]
    private let checkpoint: @Sendable () -> Void

    /// Starts `threadCount - 1` threads, or fewer if the system refuses some.
    package init(threadCount: Int, checkpoint: @escaping @Sendable () -> Void = {}) {
        precondition(threadCount >= 1, "a pool needs a thread")
        self.checkpoint = checkpoint
        let crew = crew
        threads = (1..<threadCount).compactMap { _ in WorkerThread { crew.serve() } }
        self.threadCount = threads.count + 1
    }

    deinit {
        crew.dismiss()
        for thread in threads { thread.join() }
    }

    /// Runs `body` once for each of `0..<count`, in any order, and returns when all have run.
    /// `body` must not depend on which thread runs it. With `isSmall` the caller runs all of it.
    package func forEach(
        _ count: Int, isSmall: Bool = false, _ body: @Sendable (Int) -> Void
    ) {
        guard count > 1, !isSmall, !threads.isEmpty, claim() else {
            for index in 0..<max(count, 0) {
                body(index)
                checkpoint()
            }
            return
        }
        defer { isBusy.store(false, ordering: .releasing) }
        withoutActuallyEscaping(body) { body in
            let job = Job(count: count, body: body, checkpoint: checkpoint)
            crew.post(
                job, workerCount: min(count - 1, threads.count), isAll: count > threads.count)
            job.run()
            crew.awaitCompletion()
        }
    }

    private func claim() -> Bool {
        isBusy.exchange(true, ordering: .acquiringAndReleasing) == false
    }
}
