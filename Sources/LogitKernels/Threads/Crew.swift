import Synchronization

/// One call of `forEach`: indices are handed out one at a time to whoever asks.
final class Job: Sendable {
    private let count: Int
    private let next = Atomic(0)
    private let body: @Sendable (Int) -> Void

    init(count: Int, body: @escaping @Sendable (Int) -> Void) {
        self.count = count
        self.body = body
    }

    /// Runs indices until none is left to take; others may still be running theirs.
    func run() {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            body(index)
        }
    }
}

/// Where a pool's threads wait for jobs, and its caller for them.
// Safety: `job`, `tickets`, `unfinished` and `isDismissed` are read and written only inside
// `monitor.locked`.
final class Crew: @unchecked Sendable {
    private let monitor = Monitor()
    private var job: Job?
    /// Helpers that may still join the job.
    private var tickets = 0
    /// Helpers that have not finished: tickets not taken, and helpers at work.
    private var unfinished = 0
    private var isDismissed = false

    /// The life of one helper: jobs until dismissal.
    func serve() {
        while serveOnce() {}
    }

    private func serveOnce() -> Bool {
        guard runOne() else { return false }
        leave()
        return true
    }

    /// Never inlined: the reference to the job, and with it to the caller's closure, must be gone
    /// before `leave` lets the caller return.
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

    /// Invites `workerCount` helpers to a job.
    func post(_ job: Job, workerCount: Int) {
        monitor.locked {
            self.job = job
            tickets = workerCount
            unfinished = workerCount
            for _ in 0..<workerCount { monitor.wakeOne(.work) }
        }
    }

    /// Returns when no helper is at work any more. Tickets nobody has taken are withdrawn: the
    /// caller only comes here when every index has been handed out.
    func awaitCompletion() {
        monitor.locked {
            unfinished -= tickets
            tickets = 0
            while unfinished > 0 { monitor.wait(for: .completion) }
            job = nil
        }
    }

    /// Sends all helpers home.
    func dismiss() {
        monitor.locked {
            isDismissed = true
            monitor.wakeAll(.work)
        }
    }
}
