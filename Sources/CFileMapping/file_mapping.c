#define _GNU_SOURCE
#include "file_mapping.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// A list element. The signal handler walks the list while other threads begin and end guards, so
// elements are never freed, only reused; there are as many as there were guards at once at most.
struct file_guard {
    _Atomic uintptr_t start;
    // 0 while nothing is guarded. Written last when a guard begins and first when it ends.
    _Atomic uintptr_t end;
    atomic_bool lost_bytes;
    bool is_used;
    struct file_guard *next;
};

static _Atomic(struct file_guard *) guards;
// Held while a guard begins or ends. The handler never takes it.
static pthread_mutex_t changes = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t installation = PTHREAD_ONCE_INIT;
static struct sigaction previous;
static uintptr_t page_byte_count;

// Whether the guard covers an address. A guard that covers `place` is held by the thread that reads
// there, so it does not change now. Another guard may; reading `end` twice keeps its new start from
// being combined with its old end.
static bool covers(struct file_guard *guard, uintptr_t place) {
    uintptr_t end = atomic_load(&guard->end);
    uintptr_t start = atomic_load(&guard->start);
    return atomic_load(&guard->end) == end && start <= place && place < end;
}

// Maps zeros over the lost page and all pages after it: the whole file is refused once the loss is
// noticed, and one signal for every page would take long.
static bool replace(struct file_guard *guard, uintptr_t place) {
    uintptr_t page = place / page_byte_count * page_byte_count;
    size_t count = atomic_load(&guard->end) - page;
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
    if (mmap((void *)page, count, PROT_READ, flags, -1, 0) == MAP_FAILED) return false;
    atomic_store(&guard->lost_bytes, true);
    return true;
}

// Handles SIGBUS with mmap, sigaction and raise alone, which are safe to call in a handler. On
// return, the failed instruction is repeated; if no guard covers its address, it fails again, now
// for the previous handler.
static void handle(int number, siginfo_t *info, void *context) {
    (void)context;
    const int error = errno;
    const bool was_sent = info->si_code <= 0;
    const uintptr_t place = (uintptr_t)info->si_addr;
    struct file_guard *guard = was_sent ? NULL : atomic_load(&guards);
    while (guard != NULL && !covers(guard, place)) guard = guard->next;
    if (guard == NULL || !replace(guard, place)) {
        sigaction(number, &previous, NULL);
        // A signal that was sent does not recur by itself.
        if (was_sent) raise(number);
    }
    errno = error;
}

static void install(void) {
    page_byte_count = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

// Finds a list element that is not in use, or adds a new one.
static struct file_guard *unused(void) {
    struct file_guard *first = atomic_load(&guards);
    for (struct file_guard *each = first; each != NULL; each = each->next) {
        if (!each->is_used) return each;
    }
    struct file_guard *guard = calloc(1, sizeof *guard);
    if (guard == NULL) return NULL;
    guard->next = first;
    atomic_store(&guards, guard);
    return guard;
}

file_guard *file_guard_begin(const void *start, size_t byte_count) {
    pthread_once(&installation, install);
    pthread_mutex_lock(&changes);
    struct file_guard *guard = unused();
    if (guard != NULL) {
        guard->is_used = true;
        atomic_store(&guard->lost_bytes, false);
        atomic_store(&guard->start, (uintptr_t)start);
        atomic_store(&guard->end, (uintptr_t)start + byte_count);
    }
    pthread_mutex_unlock(&changes);
    return guard;
}

bool file_guard_lost_bytes(const file_guard *guard) { return atomic_load(&guard->lost_bytes); }

void file_guard_end(file_guard *guard) {
    pthread_mutex_lock(&changes);
    atomic_store(&guard->end, 0);
    guard->is_used = false;
    pthread_mutex_unlock(&changes);
}
