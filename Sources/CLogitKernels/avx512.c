#include "set.h"

#if defined(__x86_64__)

#include "avx512.h"

#pragma clang attribute push(__attribute__((target(AVX512))), apply_to = function)
#pragma clang fp contract(on)

/// The same step as in avx2.c, with registers twice as wide.
#define STEP_PAIRS(sum, weights, input)                                     \
    ((sum) + (words)_mm512_madd_epi16((__m512i)(weights), _mm512_set1_epi32((int)(input))))

#include "avx512_exp2.h"
#include "kernels.h"

#pragma clang attribute pop

const logit_kernels logit_avx512 = {
    .name = "avx512",
    .is_supported = has_avx512,
    LOGIT_SHARED_KERNELS,
};

#endif
