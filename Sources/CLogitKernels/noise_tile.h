#ifndef LOGIT_NOISE_TILE_H
#define LOGIT_NOISE_TILE_H

#include "noise_terms.h"
#include "vectors.h"

// One register tile of the sampling pass: TILE_SAMPLES samples × TILE_VECTORS vectors of classes.
//
// A set defines macros for it:
//   TILE_SAMPLES, TILE_VECTORS   a divisor of 12, and vectors whose lanes divide 32; the sums, the
//                    vectors of loadings and a draw must fit the registers
//   TILES_OVERLAP    if the registers left are enough for an exponential (see noise_block.h)
//   SET_HAS_EXP2     if it has an `exp2_of` of its own
//   SET_HAS_BFLOAT16 if it has an `add_pairs_of`, for factors in bfloat16

#define TILE_CLASSES (TILE_VECTORS * VECTOR_LANES)

/// Bytes that are fetched at once.
#define CACHE_LINE 64

/// Bounds to which base-2 exponents are clamped: 2^-127 is flushed to zero, 2^127.5 is finite.
#define EXP2_LOW -127.0f
#define EXP2_HIGH 127.5f

INLINE floats bounded_exponent(floats t) {
    const floats low = EXP2_LOW, high = EXP2_HIGH;
    t = t > low ? t : low;
    return t < high ? t : high;
}

#ifndef SET_HAS_EXP2
/// 2^t for t in [-127, 127.5]: ≤ 1 ulp from -126 on; for smaller t a value between 0 and 2^-126.
/// t = n + f with |f| ≤ ½ and 2^f = 1 + f g(f), where g is a minimax fit of relative error 2e-9.
INLINE floats exp2_of(floats t) {
    const floats rounder = 0x1.8p23f;  // adding it leaves n in the low bits
    floats shifted = t + rounder;
    floats f = t - (shifted - rounder);
    floats g = 0x1.41fbbcp-13f;
    g = g * f + 0x1.5f3e54p-10f;
    g = g * f + 0x1.3b2d4cp-7f;
    g = g * f + 0x1.c6aee8p-5f;
    g = g * f + 0x1.ebfbdcp-3f;
    g = g * f + 0x1.62e430p-1f;
    floats mantissa = g * f + 1.0f;
    return (floats)((integers)mantissa + ((integers)shifted << 23));
}
#endif

/// Sums of a tile: for each sample TILE_VECTORS vectors of classes.
typedef floats tile_vectors[TILE_SAMPLES][TILE_VECTORS];

/// Factors of a tile: the loadings of its first class and the draws of its first sample.
typedef struct {
    const char *panel, *draws;
    ptrdiff_t ahead;  ///< from a factor's loadings to a line that is fetched meanwhile
} tile_terms;

/// sums[i][j] += Σ_r draws[r][i] · panel[r][j] over factors from `first` to `end`, in that order.
INLINE void add_factors_of(const tile_terms *terms, size_t first, size_t end, tile_vectors sums) {
    const float *a = (const float *)terms->panel + first * PANEL;
    const float *z = (const float *)terms->draws + first * TILE;
    for (size_t r = first; r < end; r++) {
        __builtin_prefetch((const char *)a + terms->ahead);
        floats row[TILE_VECTORS];
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            row[j] = load(a + j * VECTOR_LANES);
        }
        _Pragma("clang loop unroll(full)") for (int i = 0; i < TILE_SAMPLES; i++) {
            const floats draw = z[i];
            _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
                sums[i][j] = sums[i][j] + draw * row[j];
            }
        }
        a += PANEL;
        z += TILE;
    }
}

#endif
