import CLinux
import Glibc
import Synchronization

/// Work for a loop's thread.
///
/// A protocol, because a bound value and the closure that takes it fit into the existential itself;
/// a closure around both would be one more allocation for each answer from another thread.
protocol LoopJob: Sendable {
    func run(on loop: EventLoop)
}

/// Access to a loop from other threads: a mailbox of jobs.
package final class EventLoopHandle: Sendable {
    /// Work for the loop's thread. It is given the loop, which is confined to that thread.
    package typealias Job = @Sendable (EventLoop) -> Void

    private struct Mailbox {
        var jobs: [any LoopJob] = []
        var isClosed = false
    }

    private let mailbox = Mutex(Mailbox())
    /// An eventfd, readable while jobs wait.
    private let wakeUp: FileDescriptor
    private let thread = Atomic<UInt>(0)

    init() throws(SocketError) {
        wakeUp = FileDescriptor(
            owning: try SystemCall.retry32("eventfd") {
                eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
            })
    }

    /// Runs `job` on the loop's thread, after all earlier jobs. Never waits for the loop, which is
    /// woken once, however many jobs wait. Returns true if the job will run, false if the loop has
    /// ended.
    @discardableResult
    package func execute(_ job: @escaping Job) -> Bool { execute(PlainJob(body: job)) }

    func execute(_ job: any LoopJob) -> Bool {
        let (isAccepted, isFirst) = mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return (false, false) }
            mailbox.jobs.append(job)
            return (true, mailbox.jobs.count == 1)
        }
        if isFirst { signal() }
        return isAccepted
    }

    /// Whether the caller is on the loop's thread.
    package var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    var descriptor: Int32 { wakeUp.raw }

    /// Makes the calling thread the loop's own.
    func adoptCurrentThread() { thread.store(UInt(pthread_self()), ordering: .relaxed) }

    /// Gives the thread up at the loop's end, when the system may give its name to another one.
    func leaveThread() { thread.store(0, ordering: .relaxed) }

    /// Takes the waiting jobs, and the signal for them.
    func takeJobs() -> [any LoopJob] {
        // The signal comes first: a job that arrives in between is taken now, and its signal wakes
        // an empty mailbox, which is harmless. In the other order its signal could be lost.
        var count: UInt64 = 0
        _ = unsafe read(wakeUp.raw, &count, MemoryLayout<UInt64>.size)
        return mailbox.withLock { mailbox in
            let jobs = mailbox.jobs
            mailbox.jobs = []
            return jobs
        }
    }

    /// Refuses further jobs and returns those that wait.
    func close() -> [any LoopJob] {
        mailbox.withLock { mailbox in
            mailbox.isClosed = true
            let jobs = mailbox.jobs
            mailbox.jobs = []
            return jobs
        }
    }

    private func signal() {
        // It can fail only if the counter is full, and then the loop is awake anyway.
        var one: UInt64 = 1
        _ = unsafe write(wakeUp.raw, &one, MemoryLayout<UInt64>.size)
    }
}

private struct PlainJob: LoopJob {
    let body: EventLoopHandle.Job

    func run(on loop: EventLoop) { body(loop) }
}
