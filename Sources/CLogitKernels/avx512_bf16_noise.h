#ifndef LOGIT_AVX512_BF16_NOISE_H
#define LOGIT_AVX512_BF16_NOISE_H

#include "noise_tile.h"

#define SET_HAS_BFLOAT16

/// Pairs of factors in place of the single ones of `add_factors_of`. The products of a pair are
/// exact in float; the instruction adds them to the sum with its own roundings and treats subnormal
/// floats as zero.
INLINE void add_pairs_of(const tile_terms *terms, size_t first, size_t end, tile_vectors sums) {
    // Pairs of bfloat16, moved as floats.
    const float *a = (const float *)terms->panel + first * PANEL;
    const float *z = (const float *)terms->draws + first * TILE;
    for (size_t pair = first; pair < end; pair++) {
        __builtin_prefetch((const char *)a + terms->ahead);
        __m512bh row[TILE_VECTORS];
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            row[j] = (__m512bh)load(a + j * VECTOR_LANES);
        }
        _Pragma("clang loop unroll(full)") for (int i = 0; i < TILE_SAMPLES; i++) {
            const __m512bh draw = (__m512bh)_mm512_set1_ps(z[i]);
            _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
                sums[i][j] = _mm512_dpbf16_ps(sums[i][j], draw, row[j]);
            }
        }
        a += PANEL;
        z += TILE;
    }
}

#endif
