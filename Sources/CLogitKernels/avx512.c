#include "set.h"

#if defined(__x86_64__)

#include "avx512.h"

#pragma clang attribute push(__attribute__((target(AVX512))), apply_to = function)
#pragma clang fp contract(on)

/// The same step as in avx2.c, with registers twice as wide.
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

#include "avx512_exp2.h"
#include "kernels.h"

#pragma clang attribute pop

const logit_kernels logit_avx512 = {
    .name = "avx512",
    .is_supported = has_avx512,
    LOGIT_SHARED_KERNELS,
};

#endif
