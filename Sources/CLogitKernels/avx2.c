#include "set.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#pragma clang fp contract(on)

// 16 registers of 8 words. A pass has 8 sums, of 1 or 2 rows and 32 lanes or of 4 rows and 16
// lanes, which cover two multiply-adds a cycle with a latency of four cycles. 2 to 4 registers hold
// weights, 1 an input.
#define VECTOR_BYTES 32
#define PASS_ROWS 4
#define PASS_SUMS 8

/// Adds the products of bytes 0 and 2 of each word, then those of bytes 1 and 3, widened to 16
/// bits: products of pairs are summed to 32 bits. The instruction that takes bytes would saturate.
static inline __m256i step_int8_pairs(__m256i sum, __m256i weights, uint32_t input) {
    __m256i x = _mm256_set1_epi32((int)input);
    __m256i even = _mm256_and_si256(weights, _mm256_set1_epi16(0xff));
    __m256i odd = _mm256_srli_epi16(weights, 8);
    __m256i x_even = _mm256_srai_epi16(_mm256_slli_epi16(x, 8), 8);
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(even, x_even));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(odd, _mm256_srai_epi16(x, 8)));
}
#define STEP_INT8(sum, weights, input) \
    ((words)step_int8_pairs((__m256i)(sum), (__m256i)(weights), input))

// 12 sums, 2 vectors of loadings and a draw.
#define TILE_SAMPLES 6
#define TILE_VECTORS 2

#include "kernels.h"

#pragma clang attribute pop

static bool is_supported(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

const logit_kernels logit_avx2 = {
    .name = "avx2",
    .is_supported = is_supported,
    LOGIT_SHARED_KERNELS,
};

#endif
