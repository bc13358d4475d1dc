#include "set.h"

#if defined(__aarch64__)

#include <sys/auxv.h>

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#pragma clang fp contract(on)

// 32 registers of 4 words. A pass has 16 sums, of 4 rows and 16 lanes or of 2 rows and 32: two
// multiply-adds a cycle, four cycles each, and more on wide cores. 4 to 8 hold weights, 1 an input.
#define VECTOR_BYTES 16
#define PASS_ROWS 4
#define PASS_SUMS 16

/// SDOT takes weights and inputs as signed bytes: no weight counts 128 too high.
static inline int32x4_t step_signed_bytes(int32x4_t sum, uint32x4_t weights, uint32_t input) {
    int8x16_t bytes = vreinterpretq_s8_u32(veorq_u32(weights, vdupq_n_u32(0x80808080u)));
    return vdotq_s32(sum, bytes, vreinterpretq_s8_u32(vdupq_n_u32(input)));
}
#define STEP_INT8(sum, weights, input) \
    ((words)step_signed_bytes((int32x4_t)(sum), (uint32x4_t)(weights), input))
#define INT8_EXCESS 0u

// 24 sums, 4 vectors of loadings and a draw.
#define TILE_SAMPLES 6
#define TILE_VECTORS 4

#include "kernels.h"

#pragma clang attribute pop

static bool is_supported(void) { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }

const logit_kernels logit_neon_dotprod = {
    .name = "neon-dotprod",
    .is_supported = is_supported,
    LOGIT_SHARED_KERNELS,
};

#endif
