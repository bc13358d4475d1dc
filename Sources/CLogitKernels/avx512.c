#include "set.h"

#if defined(__x86_64__)

#define AVX512 "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"
#pragma clang attribute push(__attribute__((target(AVX512))), apply_to = function)
#pragma clang fp contract(on)

// 32 registers of 16 words. A pass has 8 rows and 32 lanes: 16 sums, where two multiply-adds a
// cycle of four cycles each need 8; 2 registers hold weights, 1 an input.
#define VECTOR_BYTES 64
#define PASS_ROWS 8
#define PASS_SUMS 16

/// As on AVX2, with registers twice as wide.
static inline __m512i step_int8_pairs(__m512i sum, __m512i weights, uint32_t input) {
    __m512i x = _mm512_set1_epi32((int)input);
    __m512i even = _mm512_and_si512(weights, _mm512_set1_epi16(0xff));
    __m512i odd = _mm512_srli_epi16(weights, 8);
    __m512i x_even = _mm512_srai_epi16(_mm512_slli_epi16(x, 8), 8);
    sum = _mm512_add_epi32(sum, _mm512_madd_epi16(even, x_even));
    return _mm512_add_epi32(sum, _mm512_madd_epi16(odd, _mm512_srai_epi16(x, 8)));
}
#define STEP_INT8(sum, weights, input) \
    ((words)step_int8_pairs((__m512i)(sum), (__m512i)(weights), input))

// 12 sums, 2 vectors of loadings and a draw; the others for the exponentials in between.
#define TILE_SAMPLES 6
#define TILES_OVERLAP
#define TILE_VECTORS 2

#include "avx512_exp2.h"
#include "kernels.h"

#pragma clang attribute pop

static bool is_supported(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

const logit_kernels logit_avx512 = {
    .name = "avx512",
    .is_supported = is_supported,
    LOGIT_SHARED_KERNELS,
};

#endif
