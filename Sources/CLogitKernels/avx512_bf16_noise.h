#ifndef LOGIT_AVX512_BF16_NOISE_H
#define LOGIT_AVX512_BF16_NOISE_H

#include "noise_tile.h"

#define SET_HAS_BFLOAT16

/// As `noise_logits`, two factors at a time: the products of a pair are exact in float, and the
/// instruction adds them to the sum with its own roundings, subnormal floats counting as zero.
INLINE void noise_logits_bfloat16(const logit_noise *noise, const void *panel,
                                   const float *location, const void *draws, const float *shifts,
                                   vec t[TILE_SAMPLES][TILE_VECTORS]) {
    vec sums[TILE_SAMPLES][TILE_VECTORS];
    _Pragma("clang loop unroll(full)") for (int i = 0; i < TILE_SAMPLES; i++) {
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            sums[i][j] = load(location + j * VEC_LANES) - shifts[i];
        }
    }
    const float *a = panel, *z = draws;  // pairs of bfloat16, moved as floats
    for (size_t pair = 0; pair < noise->rank / 2 + noise->rank % 2; pair++) {
        __m512bh row[TILE_VECTORS];
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            row[j] = (__m512bh)load(a + j * VEC_LANES);
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
    _Pragma("clang loop unroll(full)") for (int i = 0; i < TILE_SAMPLES; i++) {
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            t[i][j] = sums[i][j];
        }
    }
}

#endif
