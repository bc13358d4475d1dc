#ifndef LOGIT_SET_H
#define LOGIT_SET_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "CLogitKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

// How the files fit together. The file of a set (baseline.c, avx2.c, avx512.c, …) includes this
// header, names its instructions with `#pragma clang attribute push`, and defines macros for its
// registers and for the steps that it has instructions for (see tile.h, steps.h, noise_tile.h). It
// then includes kernels.h, which includes the headers with the functions. These are static, so that
// each set compiles its own; the compiler cuts their loops over 16 lanes into the set's vectors.
// The set's table ends the file.
//
// A new kernel takes a header of its own, an include and an entry in kernels.h, and a declaration
// in include/.

/// A function that is always inlined, because its arguments are constants that shape its loops or
/// because its sums must stay in registers.
#define INLINE static inline __attribute__((always_inline))

/// The tables. Those of another architecture do not exist.
extern const logit_kernels logit_baseline, logit_avx2, logit_avx512, logit_avx512_bf16;
extern const logit_kernels logit_neon, logit_neon_dotprod;

#endif
