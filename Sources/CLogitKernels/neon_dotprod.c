#include "set.h"

#if defined(__aarch64__)

#include <sys/auxv.h>

#include "neon.h"

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#pragma clang fp contract(on)

/// SDOT takes weights and inputs as signed bytes, so that no weight is 128 too high.
static inline int32x4_t step_signed_bytes(int32x4_t sum, uint32x4_t weights, uint32_t input) {
    int8x16_t bytes = vreinterpretq_s8_u32(veorq_u32(weights, vdupq_n_u32(0x80808080u)));
    return vdotq_s32(sum, bytes, vreinterpretq_s8_u32(vdupq_n_u32(input)));
}
#define STEP_INT8(sum, weights, input) \
    ((words)step_signed_bytes((int32x4_t)(sum), (uint32x4_t)(weights), input))
#define INT8_EXCESS 0u

#include "kernels.h"

#pragma clang attribute pop

static bool is_supported(void) { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }

const logit_kernels logit_neon_dotprod = {
    .name = "neon-dotprod",
    .is_supported = is_supported,
    LOGIT_SHARED_KERNELS,
};

#endif
