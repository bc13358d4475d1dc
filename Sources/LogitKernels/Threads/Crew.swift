import Synchronization

/// One call of `forEach`, whose indices threads take one at a time.
final class Job: Sendable {
    private let count: Int
    private let next = Atomic(0)
    private let body: @Sendable (Int) -> Void
    private let checkpoint: @Sendable () -> Void

    init(
        count: Int, body: @escaping @Sendable (Int) -> Void,
        checkpoint: @escaping @Sendable () -> Void
    ) {
        self.count = count
        self.body = body
        self.checkpoint = checkpoint
    }

    /// Runs indices until none is left to take; other threads may still be running theirs.
    func run() {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            body(index)
            checkpoint()
        }
    }
}

/// The meeting point of a pool's worker threads, which wait for jobs, and its caller, which waits
/// for them.
// Safety: `job`, `tickets`, `unfinished` and `isDismissed` are read and written only inside
// `monitor.locked`.
final class Crew: @unchecked Sendable {
    private let monitor = Monitor()
    private var job: Job?
    /// Worker threads that may still join the job.
    private var tickets = 0
    /// Tickets not taken, and worker threads that have not finished the job.
    private var unfinished = 0
    private var isDismissed = false

    /// Runs jobs on a worker thread until `dismiss`.
    func serve() {
        while serveOnce() {}
    }

    private func serveOnce() -> Bool {
        guard runOne() else { return false }
        leave()
        return true
    }

    /// Never inlined: the reference to the job, and through it to the caller's closure, must be
    /// released before `leave` lets the caller return.
    @inline(never)
    private func runOne() -> Bool {
        guard let job = join() else { return false }
        job.run()
        return true
    }

    private func join() -> Job? {
        monitor.locked {
            while tickets == 0 && !isDismissed { monitor.wait(for: .work) }
            guard tickets > 0 else { return nil }
            tickets -= 1
            return job
        }
    }

    private func leave() {
        monitor.locked {
            unfinished -= 1
            if unfinished == 0 { monitor.wakeAll(.completion) }
        }
    }

    /// Wakes `workerCount` worker threads for a job, or all that there are.
    func post(_ job: Job, workerCount: Int, isAll: Bool) {
        monitor.locked {
            self.job = job
            tickets = workerCount
            unfinished = workerCount
        }
        // Without the lock, which they take; in one system call, as a thread that wakes others one
        // by one may lose its processor to the first of them.
        if isAll {
            monitor.wakeAll(.work)
        } else {
            for _ in 0..<workerCount { monitor.wakeOne(.work) }
        }
    }

    /// Returns when every worker thread has finished the job. Withdraws tickets that none has
    /// taken: the caller only calls this when every index has been taken.
    func awaitCompletion() {
        monitor.locked {
            unfinished -= tickets
            tickets = 0
            while unfinished > 0 { monitor.wait(for: .completion) }
            job = nil
        }
    }

    /// Tells all worker threads to exit.
    func dismiss() {
        monitor.locked {
            isDismissed = true
            monitor.wakeAll(.work)
        }
    }
}
