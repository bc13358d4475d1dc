#ifndef CLOGITKERNELS_MEASURING_H
#define CLOGITKERNELS_MEASURING_H

#include <stddef.h>

#include "logit_products.h"

// The processor's limits, to compare the other kernels with.

/// Kernels of measuring.
typedef struct logit_measuring_kernels {
    /// Runs a pass of the dense kernel `rounds` times without any access to memory, as fast as the
    /// processor can. Returns the number of operations, two for a multiply-add.
    double (*_Nonnull multiply_adds)(logit_format format, size_t rounds);

    /// Reads memory, 64-byte aligned, with the set's widest loads and ignores the contents. Bytes
    /// past the last multiple of 256 are not read.
    void (*_Nonnull read_memory)(const void *bytes, size_t byte_count);
} logit_measuring_kernels;

#endif
