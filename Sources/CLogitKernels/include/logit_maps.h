#ifndef CLOGITKERNELS_MAPS_H
#define CLOGITKERNELS_MAPS_H

#include <stddef.h>
#include <stdint.h>

// Elementary functions, value by value.

/// Replaces each value by a function of it alone.
typedef void logit_map(float *values, size_t count);

/// Elementwise kernels.
///
/// NaN counts as -infinity. No input gives NaN or infinity, except that softplus, relu and gelu
/// keep +infinity. exp, sigmoid and softplus flush results below 1.2e-38 to zero.
typedef struct logit_map_kernels {
    logit_map *_Nonnull exp;  ///< ≤ 1 ulp on [-87.33, 88.72]; 0 below, constant above
    logit_map *_Nonnull log;  ///< ≤ 1 ulp for normal positive values, the only ones allowed
    logit_map *_Nonnull sigmoid;  ///< ≤ 3 ulp; 0 below -87.33
    logit_map *_Nonnull tanh;  ///< ≤ 3 ulp
    logit_map *_Nonnull softplus;  ///< ≤ 3 ulp; 0 below -87.33
    logit_map *_Nonnull relu;  ///< exact
    logit_map *_Nonnull gelu;  ///< x Φ(x), ≤ 10 ulp, ≤ 4 ulp above zero; 0 below -13.2

    /// sines[i], cosines[i] = sin, cos of 2π (words[i] + 0.5) / 2^32; ≤ 3 ulp.
    void (*_Nonnull sine_cosine)(const uint32_t *words, size_t count, float *sines, float *cosines);
} logit_map_kernels;

#endif
