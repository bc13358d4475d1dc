#include "set.h"

#if defined(__x86_64__)

#include "avx512.h"

#define AVX512_BF16 AVX512 ",avx512bf16,avx512vnni"
#pragma clang attribute push(__attribute__((target(AVX512_BF16))), apply_to = function)
#pragma clang fp contract(on)

/// VDPBF16PS adds the two products of a word one after the other.
#define STEP_BFLOAT16(sum, weights, input)                         \
    ((words)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(weights), \
                             (__m512bh)_mm512_set1_epi32((int)(input))))

/// VPDPBUSD takes unsigned weights and signed inputs, and does not saturate.
#define STEP_INT8(sum, weights, input)                               \
    ((words)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(weights), \
                                _mm512_set1_epi32((int)(input))))

#include "avx512_exp2.h"
#include "avx512_bf16_noise.h"
#include "kernels.h"

#pragma clang attribute pop

static bool is_supported(void) {
    return has_avx512() && __builtin_cpu_supports("avx512bf16") &&
           __builtin_cpu_supports("avx512vnni");
}

const logit_kernels logit_avx512_bf16 = {
    .name = "avx512-bf16",
    .is_supported = is_supported,
    LOGIT_SHARED_KERNELS,
};

#endif
