#ifndef LOGIT_AVX2_EXP2_H
#define LOGIT_AVX2_EXP2_H

#include "set.h"

#define SET_HAS_EXP2

/// 2^(j/8), its bits less j · 2^20, so that adding 8 n + j, shifted by 20, gives 2^(n + j/8).
static const uint32_t exp2_parts[8] __attribute__((aligned(32))) = {
    0x3f800000, 0x3f7b95c2, 0x3f7837f0, 0x3f75fed7, 0x3f7504f3, 0x3f75672a, 0x3f7744fd, 0x3f7ac0c7,
};

/// 2^t for t in [-127, 127.5], within 2 ulp from -126 on: t = n + j/8 + f with |f| ≤ 1/16, and
/// 2^f = 1 + a f + b f² + c f³ within 2.7e-8, a minimax fit. The power and the product of it are
/// rounded once each, at most half an ulp of the power, which may be an ulp of the result where the
/// sum falls below a power of two; 1.2 ulp is the most over all floats. The multipliers have four
/// operations to do, and the table is read by a unit that they leave idle.
INLINE __m256 exp2_of(__m256 t) {
    const __m256 rounder = _mm256_set1_ps(0x1.8p20f);  // leaves 8 n + j in the low bits
    const __m256 shifted = _mm256_add_ps(t, rounder);
    const __m256 f = _mm256_sub_ps(t, _mm256_sub_ps(shifted, rounder));
    const __m256i index = _mm256_castps_si256(shifted);
    const __m256i parts = _mm256_permutevar8x32_epi32(
        _mm256_load_si256((const __m256i *)exp2_parts), index);
    const __m256 power = _mm256_castsi256_ps(_mm256_add_epi32(parts, _mm256_slli_epi32(index, 20)));
    const __m256 curve = _mm256_fmadd_ps(f, _mm256_set1_ps(0x1.c6a004p-5f),
                                         _mm256_set1_ps(0x1.ec0c32p-3f));
    const __m256 slope = _mm256_fmadd_ps(f, curve, _mm256_set1_ps(0x1.62e432p-1f));
    return _mm256_fmadd_ps(power, _mm256_mul_ps(f, slope), power);
}

#endif
