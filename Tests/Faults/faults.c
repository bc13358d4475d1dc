// Faults on request, for LD_PRELOAD: stands between the server and the kernel, and makes system
// calls fail, or do less than they were asked, in ways the kernel may. Who injects how much of what
// stands in a file that FAULT_TABLE names: `struct table`, mapped by the server and by the test, so
// that a test switches faults while the server runs and sees how many there were.
//
// The faults injected are those that a program has to expect, and no others:
// - The loops' epoll is level-triggered, so EAGAIN may come in spite of an event (another reason
//   for the event, a packet that was dropped for its checksum): the next wait tells again. With
//   edges an EAGAIN that the kernel did not give would be a lost event and no fault of the server.
// - Reads and writes of an eventfd that does not block have nothing that can fail but an overflow
//   of its counter, so they are left alone; making one fails like any other descriptor's.
// - A failed close has released the number all the same (close(2)): the real call comes first.
// - malloc is left alone where Swift calls it: the language ends the process there. What asks for
//   memory and can do without gets it from posix_memalign.
//
// Decision n about a fault depends on the seed, the fault and n, on nothing else. The kernel is
// called by syscall(2): there is no libc function to look up, however early a call comes.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// MARK: The table

enum {
    name_bytes = 24,
    // Descriptors 0, 1 and 2 take the log; the others' writes are left alone.
    last_log_descriptor = 2,
    // Blocks of memory from here on are weights and scratch space.
    large_block_bytes = 1 << 20,
};

// The faults, by the call they strike. `short` is a call that does less than it was asked.
#define FAULTS(FAULT)                                                                              \
    FAULT(recv, SHORT) FAULT(recv, EAGAIN) FAULT(recv, EINTR) FAULT(recv, ECONNRESET)              \
    FAULT(recv, ENOMEM) FAULT(recv, ENOBUFS)                                                       \
    FAULT(send, SHORT) FAULT(send, EAGAIN) FAULT(send, EINTR) FAULT(send, EPIPE)                   \
    FAULT(send, ECONNRESET) FAULT(send, ENOBUFS) FAULT(send, ENOMEM)                               \
    FAULT(accept4, EAGAIN) FAULT(accept4, EINTR) FAULT(accept4, ECONNABORTED)                      \
    FAULT(accept4, EPROTO) FAULT(accept4, EMFILE) FAULT(accept4, ENFILE)                           \
    FAULT(accept4, ENOMEM) FAULT(accept4, ENOBUFS)                                                 \
    FAULT(epoll_wait, SHORT) FAULT(epoll_wait, EINTR)                                              \
    FAULT(epoll_add, ENOMEM) FAULT(epoll_add, ENOSPC) FAULT(epoll_modify, ENOMEM)                  \
    FAULT(getpeername, ENOTCONN) FAULT(getpeername, ENOBUFS)                                       \
    FAULT(setsockopt, EINVAL) FAULT(setsockopt, ENOBUFS) FAULT(shutdown, ENOTCONN)                 \
    FAULT(close, EINTR)                                                                            \
    FAULT(log, SHORT) FAULT(log, EAGAIN) FAULT(log, EINTR) FAULT(log, EIO) FAULT(log, ENOSPC)      \
    FAULT(poll, EINTR) FAULT(poll, ENOMEM)                                                         \
    FAULT(read, SHORT) FAULT(read, EINTR) FAULT(read, EIO)                                         \
    FAULT(open, EINTR) FAULT(open, EMFILE) FAULT(open, ENFILE) FAULT(open, ENOMEM)                 \
    FAULT(mmap, ENOMEM) FAULT(memalign, ENOMEM)

#define NUMBER(call, kind) call##_##kind,
enum fault_number { FAULTS(NUMBER) fault_count };

#define NAME(call, kind) #call " " #kind,
static const char names[][name_bytes] = {FAULTS(NAME)};

struct fault {
    char name[name_bytes];
    // Of 2^32 calls so many are struck; 0 is none.
    _Atomic uint64_t share;
    // Calls that could have been struck while the share was not 0.
    _Atomic uint64_t calls;
    _Atomic uint64_t injected;
};

struct table {
    _Atomic uint64_t seed;
    _Atomic uint64_t count;
    // The test sets it; the next turn of a loop answers with `heap_bytes` and 0 here.
    _Atomic uint64_t wants_heap_bytes;
    // Allocated and not freed, in all arenas; exact where no thread keeps freed blocks for itself.
    _Atomic uint64_t heap_bytes;
    struct fault faults[fault_count];
};

static struct table *table;

static void give_up(const char *reason) {
    perror(reason);
    abort();
}

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULT_TABLE");
    if (path == NULL) give_up("FAULT_TABLE");
    long file = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    if (file < 0 || syscall(SYS_ftruncate, file, sizeof *table) != 0) give_up(path);
    void *memory = (void *)syscall(
        SYS_mmap, NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) give_up(path);
    syscall(SYS_close, file);
    struct table *begun = memory;
    for (int each = 0; each < fault_count; each++) {
        memcpy(begun->faults[each].name, names[each], name_bytes);
    }
    begun->count = fault_count;
    table = begun;
}

// MARK: Decisions

// SplitMix64's finaliser: 64 bits that depend on all bits of `value`.
static uint64_t mixed(uint64_t value) {
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

// Draw n of a fault's own sequence.
static uint64_t draw(enum fault_number number, uint64_t turn) {
    return mixed(mixed(atomic_load(&table->seed) + number) + turn * 0x9e3779b97f4a7c15);
}

static bool strikes(enum fault_number number) {
    if (table == NULL) return false;
    struct fault *fault = &table->faults[number];
    uint64_t share = atomic_load(&fault->share);
    if (share == 0) return false;
    uint64_t turn = atomic_fetch_add(&fault->calls, 1);
    if (draw(number, turn) >> 32 >= share) return false;
    atomic_fetch_add(&fault->injected, 1);
    return true;
}

static int fails(int code) {
    errno = code;
    return -1;
}

// Part of `size`, at least 1: as often a few bytes as nearly all.
static size_t shortened(size_t size, enum fault_number number) {
    uint64_t turn = atomic_load(&table->faults[number].calls);
    size_t part = size >> draw(number, ~turn) % 20;
    return part > 0 ? part : 1;
}

static bool is_of_type(int descriptor, mode_t type) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && (status.st_mode & S_IFMT) == type;
}

// Leaves the calling function with the error if that fault strikes.
#define MAY_FAIL(call, code)                                                                       \
    if (strikes(call##_##code)) return fails(code)

// MARK: Connections

ssize_t recv(int descriptor, void *buffer, size_t size, int flags) {
    MAY_FAIL(recv, EINTR);
    MAY_FAIL(recv, EAGAIN);
    MAY_FAIL(recv, ECONNRESET);
    MAY_FAIL(recv, ENOMEM);
    MAY_FAIL(recv, ENOBUFS);
    if (size > 1 && strikes(recv_SHORT)) size = shortened(size, recv_SHORT);
    return syscall(SYS_recvfrom, descriptor, buffer, size, flags, NULL, NULL);
}

ssize_t send(int descriptor, const void *buffer, size_t size, int flags) {
    MAY_FAIL(send, EINTR);
    MAY_FAIL(send, EAGAIN);
    MAY_FAIL(send, EPIPE);
    MAY_FAIL(send, ECONNRESET);
    MAY_FAIL(send, ENOBUFS);
    MAY_FAIL(send, ENOMEM);
    if (size > 1 && strikes(send_SHORT)) size = shortened(size, send_SHORT);
    return syscall(SYS_sendto, descriptor, buffer, size, flags, NULL, 0);
}

// The connection stays in the backlog, as after a real EMFILE; after a real ECONNABORTED it would
// be gone, but there may be another one.
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags) {
    MAY_FAIL(accept4, EINTR);
    MAY_FAIL(accept4, EAGAIN);
    MAY_FAIL(accept4, ECONNABORTED);
    MAY_FAIL(accept4, EPROTO);
    MAY_FAIL(accept4, EMFILE);
    MAY_FAIL(accept4, ENFILE);
    MAY_FAIL(accept4, ENOMEM);
    MAY_FAIL(accept4, ENOBUFS);
    return (int)syscall(SYS_accept4, descriptor, address, length, flags);
}

// A client that has reset its connection by now has no address any more.
int getpeername(int descriptor, struct sockaddr *address, socklen_t *length) {
    MAY_FAIL(getpeername, ENOTCONN);
    MAY_FAIL(getpeername, ENOBUFS);
    return (int)syscall(SYS_getpeername, descriptor, address, length);
}

// Options of a listener are left alone: without them the server does not begin.
int setsockopt(int descriptor, int level, int name, const void *value, socklen_t size) {
    if (level != SOL_SOCKET) {
        MAY_FAIL(setsockopt, EINVAL);
        MAY_FAIL(setsockopt, ENOBUFS);
    }
    return (int)syscall(SYS_setsockopt, descriptor, level, name, value, size);
}

int shutdown(int descriptor, int how) {
    MAY_FAIL(shutdown, ENOTCONN);
    return (int)syscall(SYS_shutdown, descriptor, how);
}

int close(int descriptor) {
    int result = (int)syscall(SYS_close, descriptor);
    if (result == 0) { MAY_FAIL(close, EINTR); }
    return result;
}

// MARK: Events

// Dispatch has an epoll of its own, over timers and event descriptors; only sockets are struck.
int epoll_ctl(int epoll, int operation, int target, struct epoll_event *event) {
    if (is_of_type(target, S_IFSOCK)) {
        if (operation == EPOLL_CTL_ADD) {
            MAY_FAIL(epoll_add, ENOMEM);
            MAY_FAIL(epoll_add, ENOSPC);
        } else if (operation == EPOLL_CTL_MOD) {
            MAY_FAIL(epoll_modify, ENOMEM);
        }
    }
    return (int)syscall(SYS_epoll_ctl, epoll, operation, target, event);
}

static void tell_heap_bytes(void) {
    if (table == NULL || atomic_exchange(&table->wants_heap_bytes, 0) == 0) return;
    // Free memory of the arenas goes back first, so that what is resident is in use.
    malloc_trim(0);
    struct mallinfo2 heap = mallinfo2();
    atomic_store(&table->heap_bytes, heap.uordblks + heap.hblkhd);
}

// An interrupted wait may have lasted, with nothing to tell, up to just before its end.
int epoll_wait(int epoll, struct epoll_event *events, int room, int milliseconds) {
    tell_heap_bytes();
    if (strikes(epoll_wait_EINTR)) {
        int part = milliseconds < 0 ? 1 : milliseconds / 2;
        long count = syscall(SYS_epoll_pwait, epoll, events, room, part, NULL, 0);
        return count != 0 ? (int)count : fails(EINTR);
    }
    if (strikes(epoll_wait_SHORT)) room = 1;
    return (int)syscall(SYS_epoll_pwait, epoll, events, room, milliseconds, NULL, 0);
}

// MARK: The log

// EAGAIN is what a pipe says that somebody else has made non-blocking.
ssize_t write(int descriptor, const void *buffer, size_t size) {
    if (descriptor >= 0 && descriptor <= last_log_descriptor) {
        MAY_FAIL(log, EINTR);
        MAY_FAIL(log, EAGAIN);
        MAY_FAIL(log, EIO);
        MAY_FAIL(log, ENOSPC);
        if (size > 1 && strikes(log_SHORT)) size = shortened(size, log_SHORT);
    }
    return syscall(SYS_write, descriptor, buffer, size);
}

int poll(struct pollfd *watched, nfds_t count, int milliseconds) {
    MAY_FAIL(poll, EINTR);
    MAY_FAIL(poll, ENOMEM);
    return (int)syscall(SYS_poll, watched, count, milliseconds);
}

// MARK: Files and memory

ssize_t read(int descriptor, void *buffer, size_t size) {
    if (is_of_type(descriptor, S_IFREG)) {
        MAY_FAIL(read, EINTR);
        MAY_FAIL(read, EIO);
        if (size > 1 && strikes(read_SHORT)) size = shortened(size, read_SHORT);
    }
    return syscall(SYS_read, descriptor, buffer, size);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, int) : 0;
    va_end(rest);
    MAY_FAIL(open, EINTR);
    MAY_FAIL(open, EMFILE);
    MAY_FAIL(open, ENFILE);
    MAY_FAIL(open, ENOMEM);
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

void *mmap(void *place, size_t size, int protection, int flags, int descriptor, off_t offset) {
    if (descriptor >= 0 && strikes(mmap_ENOMEM)) {
        fails(ENOMEM);
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, place, size, protection, flags, descriptor, offset);
}

// Tells by its result, not by errno.
int posix_memalign(void **block, size_t alignment, size_t size) {
    if (size >= large_block_bytes && strikes(memalign_ENOMEM)) return ENOMEM;
    *block = aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    return *block != NULL || size == 0 ? 0 : ENOMEM;
}
