#ifndef CLOGITKERNELS_MEASURING_H
#define CLOGITKERNELS_MEASURING_H

#include <stddef.h>

#include "logit_products.h"

// What the processor can do at the most, to hold the other kernels against.

/// The kernels of measuring.
typedef struct logit_measuring_kernels {
    /// Runs a pass of the dense kernel `rounds` times without any memory, to see how fast the
    /// processor can be. Returns the operations it took, two a multiply-add.
    double (*_Nonnull multiply_adds)(logit_format format, size_t rounds);

    /// Reads memory, 64-byte aligned, with the set's widest loads and does nothing with it. What
    /// exceeds the last multiple of 256 bytes is left out.
    void (*_Nonnull read_memory)(const void *bytes, size_t byte_count);
} logit_measuring_kernels;

#endif
