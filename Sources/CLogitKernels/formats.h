#ifndef LOGIT_FORMATS_H
#define LOGIT_FORMATS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

// Conversions from float to the other formats of weights and inputs. They are the same for every
// set, so that stored weights do not depend on the machine.

/// The bfloat16 nearest to x, ties to even. NaN stays NaN; beyond 3.39e38 it is infinite.
static inline uint16_t bfloat16_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    return (uint16_t)(x == x ? rounded : 0x7fc0u);
}

/// Scales below this count as zero: 1 / scale must be finite.
#define MIN_SCALE 0x1p-120f

/// x / scale rounded to the nearest integer, ties to even, for |x| ≤ 127.4 · scale; 0 if the scale
/// is below MIN_SCALE or NaN.
static inline int8_t quantized(float x, float scale) {
    const float rounder = 12582912.0f;  // 1.5 · 2^23: adding it leaves the integer in the low bits
    float ratio = scale >= MIN_SCALE ? x / scale : 0.0f;
    float shifted = ratio + rounder;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    return (int8_t)(uint8_t)bits;
}

/// The scale at which the value of largest magnitude becomes ±127; NaN if a value is not finite.
static inline float scale_of(const float *values, size_t count) {
    // Magnitudes are ordered as their bits, which the compiler compares in vectors.
    uint32_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        bits &= 0x7fffffffu;
        largest = bits > largest ? bits : largest;
    }
    float size;
    memcpy(&size, &largest, sizeof size);
    return isfinite(size) ? size / 127.0f : NAN;
}

#endif
