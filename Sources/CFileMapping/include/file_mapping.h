#ifndef HEADSERVE_FILE_MAPPING_H
#define HEADSERVE_FILE_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

// Mapped files that may lose bytes while they are read: somebody shortens the file, or the disk
// cannot read a page. The kernel then raises SIGBUS in the reader, which would end the process.
// A guard makes the lost bytes read as zeros, and remembers that there were some.

typedef struct file_guard file_guard;

// Guards a mapping of whole pages, made read-only and private. Null when there is no memory. The
// first guard takes SIGBUS over; outside guarded mappings the signal does what it did before.
file_guard *_Nullable file_guard_begin(const void *start, size_t byte_count);

// Whether bytes were lost when they were read, in any thread, since the guard began.
bool file_guard_lost_bytes(const file_guard *guard);

// To be called before the pages are unmapped, by whoever read them last.
void file_guard_end(file_guard *guard);

#pragma clang assume_nonnull end

#endif
