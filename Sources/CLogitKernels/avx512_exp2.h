#ifndef LOGIT_AVX512_EXP2_H
#define LOGIT_AVX512_EXP2_H

#include "set.h"

#define SET_HAS_EXP2

/// 2^(j/32), its bits less j · 2^18, so that adding 32 n + j, shifted by 18, gives 2^(n + j/32).
static const uint32_t exp2_parts[32] __attribute__((aligned(64))) = {
    0x3f800000, 0x3f7ecd87, 0x3f7daac3, 0x3f7c980f, 0x3f7b95c2, 0x3f7aa43a, 0x3f79c3d3,
    0x3f78f4f0, 0x3f7837f0, 0x3f778d3a, 0x3f76f532, 0x3f767043, 0x3f75fed7, 0x3f75a15b,
    0x3f75583f, 0x3f7523f6, 0x3f7504f3, 0x3f74fbaf, 0x3f7508a4, 0x3f752c4d, 0x3f75672a,
    0x3f75b9be, 0x3f76248c, 0x3f76a81e, 0x3f7744fd, 0x3f77fbb8, 0x3f78ccdf, 0x3f79b907,
    0x3f7ac0c7, 0x3f7be4ba, 0x3f7d257d, 0x3f7e83b3,
};

/// 2^t for t in [-127, 127.5], within 2 ulp from -126 on: t = n + j/32 + f with |f| ≤ 1/64, and
/// 2^f = 1 + a f + b f² within 6e-8; the minimax a absorbs three quarters of the cubic term. The
/// multipliers, which are busy with the sums of logits, have three operations to do; a polynomial
/// alone would give them seven.
INLINE __m512 exp2_of(__m512 t) {
    const __m512 rounder = _mm512_set1_ps(0x1.8p18f);  // leaves 32 n + j in the low bits
    const __m512 shifted = _mm512_add_ps(t, rounder);
    const __m512 f = _mm512_sub_ps(t, _mm512_sub_ps(shifted, rounder));
    const __m512i index = _mm512_castps_si512(shifted);
    const __m512i parts = _mm512_permutex2var_epi32(
        _mm512_load_si512(exp2_parts), index, _mm512_load_si512(exp2_parts + 16));
    const __m512 power = _mm512_castsi512_ps(
        _mm512_add_epi32(parts, _mm512_slli_epi32(index, 18)));
    const __m512 slope = _mm512_fmadd_ps(f, _mm512_set1_ps(0x1.ebfbe0p-3f),
                                         _mm512_set1_ps(0x1.62e584p-1f));
    return _mm512_fmadd_ps(power, _mm512_mul_ps(f, slope), power);
}

#endif
