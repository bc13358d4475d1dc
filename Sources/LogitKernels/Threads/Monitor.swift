import Glibc

/// A lock and the two events that a pool's threads wait for.
// Safety: the lock and both conditions are at fixed addresses from init to deinit, and the C
// library synchronises them.
@safe final class Monitor: @unchecked Sendable {
    /// An event that a thread may wait for.
    enum Event: Int, CaseIterable {
        case work
        case completion
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let conditions = UnsafeMutablePointer<pthread_cond_t>.allocate(
        capacity: Event.allCases.count)

    init() {
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe conditions.initialize(repeating: pthread_cond_t(), count: Event.allCases.count)
        var failure = unsafe pthread_mutex_init(mutex, nil)
        for event in Event.allCases {
            failure |= unsafe pthread_cond_init(conditions + event.rawValue, nil)
        }
        precondition(failure == 0, "no memory for a lock")
    }

    deinit {
        for event in Event.allCases { unsafe pthread_cond_destroy(conditions + event.rawValue) }
        unsafe pthread_mutex_destroy(mutex)
        unsafe conditions.deallocate()
        unsafe mutex.deallocate()
    }

    /// Runs `body` with the lock held.
    func locked<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Releases the lock, which must be held, sleeps until woken (or spuriously), and takes it
    /// again.
    func wait(for event: Event) {
        unsafe pthread_cond_wait(conditions + event.rawValue, mutex)
    }

    /// Wakes one thread that waits for the event, if any does.
    func wakeOne(_ event: Event) { unsafe pthread_cond_signal(conditions + event.rawValue) }

    /// Wakes every thread that waits for the event.
    func wakeAll(_ event: Event) { unsafe pthread_cond_broadcast(conditions + event.rawValue) }
}
