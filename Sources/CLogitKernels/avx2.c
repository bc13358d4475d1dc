#include "set.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#pragma clang fp contract(on)

// 16 registers of 8 words. A pass has up to 12 sums, of 6 rows and 16 lanes or of 3 rows and 32,
// where 8 cover two multiply-adds a cycle with a latency of four cycles. 2 registers hold weights,
// 1 an input.
#define VECTOR_BYTES 32
#define PASS_ROWS 6
#define PASS_SUMS 12

/// Adds products of pairs of 16 bits. The instruction that takes bytes would saturate.
#define STEP_PAIRS(sum, weights, input)                                     \
    ((sum) + (words)_mm256_madd_epi16((__m256i)(weights), _mm256_set1_epi32((int)(input))))

// 12 sums, 2 vectors of loadings and a draw. The sums give way to the exponentials between products
// and come back, moves that the units of the multipliers do not see.
#define TILE_SAMPLES 6
#define TILES_OVERLAP
#define TILE_VECTORS 2

#include "avx2_exp2.h"
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
