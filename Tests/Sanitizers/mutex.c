// Lets ThreadSanitizer see Swift's `Mutex`: linked into what `make tsan` builds, and nothing else.
//
// A Mutex that nobody else wants is an atomic exchange in the caller's own code, which is
// instrumented. One that is contended is a futex that the kernel hands from thread to thread, by
// three functions of the standard library, which is not: what one thread did before its unlock then
// seems to race with what the next does after its lock. A program's own definitions go before those
// of shared libraries, so these are called instead: the library's, and what they mean for the order
// of memory accesses, on the address that the atomic exchange uses too.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex

// Synchronization._MutexHandle: _lockSlow(UInt32), _tryLockSlow() -> Bool, _unlockSlow().
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool try_lock(SELF) __asm__(TRY_LOCK);
SWIFT void unlock(SELF) __asm__(UNLOCK);

static SWIFT void (*next_lock)(uint32_t thread, SELF);
static SWIFT bool (*next_try_lock)(SELF);
static SWIFT void (*next_unlock)(SELF);

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found) return found;
    fprintf(stderr, "the standard library has no %s: is it linked in statically?\n", name);
    abort();
}

__attribute__((constructor)) static void find(void) {
    next_lock = next(LOCK);
    next_try_lock = next(TRY_LOCK);
    next_unlock = next(UNLOCK);
}

SWIFT void lock(uint32_t thread, SELF) {
    next_lock(thread, mutex);
    __tsan_acquire(mutex);
}

SWIFT bool try_lock(SELF) {
    bool isLocked = next_try_lock(mutex);
    if (isLocked) __tsan_acquire(mutex);
    return isLocked;
}

SWIFT void unlock(SELF) {
    __tsan_release(mutex);
    next_unlock(mutex);
}
