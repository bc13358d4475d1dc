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

// The signal handler walks these while other threads begin and end guards, so they are never freed
// but used again; there are as many as there ever were at once.
struct file_guard {
    _Atomic uintptr_t start;
    // 0 while nothing is guarded. Written last when a guard begins, and first when it ends.
    _Atomic uintptr_t end;
    atomic_bool lost_bytes;
    bool is_used;
    struct file_guard *next;
};

static _Atomic(struct file_guard *) guards;
// Beginnings and endings; the handler does without.
static pthread_mutex_t changes = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t installation = PTHREAD_ONCE_INIT;
static struct sigaction previous;
static uintptr_t page_byte_count;

// A guard that covers `place` is held by the thread that reads there, so it does not change; of
// another one, which may, no two halves are put together.
static bool covers(struct file_guard *guard, uintptr_t place) {
    uintptr_t end = atomic_load(&guard->end);
    uintptr_t start = atomic_load(&guard->start);
    return atomic_load(&guard->end) == end && start <= place && place < end;
}

// Puts zeros in place of the page that is lost and of all behind it: whoever learns of the loss
// refuses the whole file, and a signal for every page would take its time.
static bool replace(struct file_guard *guard, uintptr_t place) {
    uintptr_t page = place / page_byte_count * page_byte_count;
    size_t count = atomic_load(&guard->end) - page;
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
    if (mmap((void *)page, count, PROT_READ, flags, -1, 0) == MAP_FAILED) return false;
    atomic_store(&guard->lost_bytes, true);
    return true;
}

// Calls nothing but mmap, sigaction and raise, which a handler may. The instruction that failed is
// tried again after it; elsewhere it fails again, for the handler there was before.
static void handle(int number, siginfo_t *info, void *context) {
    (void)context;
    const int error = errno;
    const bool was_sent = info->si_code <= 0;
    const uintptr_t place = (uintptr_t)info->si_addr;
    struct file_guard *guard = was_sent ? NULL : atomic_load(&guards);
    while (guard != NULL && !covers(guard, place)) guard = guard->next;
    if (guard == NULL || !replace(guard, place)) {
        sigaction(number, &previous, NULL);
        // What somebody sent does not come again by itself.
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

// One that nobody uses, or a new one.
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
