#ifndef LOGIT_NOISE_TILE_H
#define LOGIT_NOISE_TILE_H

#include "noise_terms.h"

// One register tile of the sampling pass: TILE_SAMPLES samples × TILE_VECTORS vectors of classes.
// The file of a set names TILE_SAMPLES (a divisor of 12) and TILE_VECTORS (so that their lanes
// divide 32) by its registers: the sums, the vectors of loadings and a draw must fit.

#define VEC_LANES (VECTOR_BYTES / 4)
#define TILE_CLASSES (TILE_VECTORS * VEC_LANES)
#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((ext_vector_type(VEC_LANES)));
typedef int32_t int_vec __attribute__((ext_vector_type(VEC_LANES)));

INLINE vec load(const float *values) {
    vec v;
    memcpy(&v, values, sizeof v);
    return v;
}

INLINE void store(float *values, vec v) { memcpy(values, &v, sizeof v); }

INLINE int_vec int_bits(vec v) {
    int_vec bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

INLINE vec float_bits(int_vec bits) {
    vec v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/// Base-2 exponents outside are brought to these edges: 2^-127 is flushed to zero, 2^127.5 finite.
#define EXP2_LOW -127.0f
#define EXP2_HIGH 127.5f

INLINE vec bounded_exponent(vec t) {
    const vec low = EXP2_LOW, high = EXP2_HIGH;
    t = t > low ? t : low;
    return t < high ? t : high;
}

#ifndef SET_HAS_EXP2
/// 2^t for t in [-127, 127.5]: ≤ 1 ulp from -126 on, below 2^-126 something between that and zero.
/// t = n + f with |f| ≤ ½ and 2^f = 1 + f g(f), g a minimax fit of relative error 2e-9.
INLINE vec exp2_of(vec t) {
    const vec rounder = 0x1.8p23f;  // adding it leaves n in the low bits
    vec shifted = t + rounder;
    vec f = t - (shifted - rounder);
    vec g = 0x1.41fbbcp-13f;
    g = g * f + 0x1.5f3e54p-10f;
    g = g * f + 0x1.3b2d4cp-7f;
    g = g * f + 0x1.c6aee8p-5f;
    g = g * f + 0x1.ebfbdcp-3f;
    g = g * f + 0x1.62e430p-1f;
    vec mantissa = g * f + 1.0f;
    return float_bits(int_bits(mantissa) + (int_bits(shifted) << 23));
}
#endif

/// t[i][j] = location - shifts[i] + Σ_r draws[r][i] · panel[r][j], summed in that order.
INLINE void noise_logits(const logit_noise *noise, const void *panel, const float *location,
                          const void *draws, const float *shifts,
                          vec t[TILE_SAMPLES][TILE_VECTORS]) {
    vec sums[TILE_SAMPLES][TILE_VECTORS];
    _Pragma("clang loop unroll(full)") for (int i = 0; i < TILE_SAMPLES; i++) {
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            sums[i][j] = load(location + j * VEC_LANES) - shifts[i];
        }
    }
    const float *a = panel, *z = draws;
    for (size_t r = 0; r < noise->rank; r++) {
        vec row[TILE_VECTORS];
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            row[j] = load(a + j * VEC_LANES);
        }
        _Pragma("clang loop unroll(full)") for (int i = 0; i < TILE_SAMPLES; i++) {
            const vec draw = z[i];
            _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
                sums[i][j] = sums[i][j] + draw * row[j];
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
