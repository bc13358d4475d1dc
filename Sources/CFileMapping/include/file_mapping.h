#ifndef HEADSERVE_FILE_MAPPING_H
#define HEADSERVE_FILE_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

// Guards for mapped files that may lose bytes while they are read, because the file is shortened or
// the disk cannot read a page. The kernel then raises SIGBUS in the reading thread, which would end
// the process. A guard makes lost bytes read as zeros and remembers that there were some.

typedef struct file_guard file_guard;

// Guards a mapping of whole pages that is read-only and private. Null when there is no memory. The
// first guard installs a handler for SIGBUS; outside guarded mappings the signal has the same
// effect as before.
file_guard *_Nullable file_guard_begin(const void *start, size_t byte_count);

// Whether any thread has read lost bytes since the guard began.
bool file_guard_lost_bytes(const file_guard *guard);

// Ends a guard. Must be called after the last read of the pages and before they are unmapped.
void file_guard_end(file_guard *guard);

#pragma clang assume_nonnull end

#endif
