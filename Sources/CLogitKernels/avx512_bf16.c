#include "set.h"

#if defined(__x86_64__)

#define AVX512_BF16 "avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx512vnni,avx2,fma"
#pragma clang attribute push(__attribute__((target(AVX512_BF16))), apply_to = function)
#pragma clang fp contract(on)

// 32 registers of 16 words. A pass has 8 rows and 32 lanes: 16 sums, where two multiply-adds a
// cycle of four cycles each need 8; 2 registers hold weights, 1 an input.
#define VECTOR_BYTES 64
#define PASS_ROWS 8
#define PASS_SUMS 16

/// VDPBF16PS adds the two products of a word one after the other.
#define STEP_BFLOAT16(sum, weights, input)                         \
    ((words)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(weights), \
                             (__m512bh)_mm512_set1_epi32((int)(input))))

/// VPDPBUSD takes unsigned weights and signed inputs, and does not saturate.
#define STEP_INT8(sum, weights, input)                               \
    ((words)_mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(weights), \
                                _mm512_set1_epi32((int)(input))))

// 12 sums, 2 vectors of loadings and a draw; the others for the exponentials in between.
#define TILE_SAMPLES 6
#define TILES_OVERLAP
#define TILE_VECTORS 2

#include "avx512_exp2.h"
#include "avx512_bf16_noise.h"
#include "kernels.h"

#pragma clang attribute pop

static bool is_supported(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni");
}

const logit_kernels logit_avx512_bf16 = {
    .name = "avx512-bf16",
    .is_supported = is_supported,
    LOGIT_SHARED_KERNELS,
    .has_bfloat16_noise = true,
};

#endif
