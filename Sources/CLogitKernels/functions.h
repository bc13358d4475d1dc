#ifndef LOGIT_FUNCTIONS_H
#define LOGIT_FUNCTIONS_H

#include "set.h"

// Elementary functions of one float, without branches, so that the compiler vectorises loops over
// them.
// The polynomials are minimax fits (Lawson's iteration on a Chebyshev basis) of relative error
// below 5e-9, a tenth of a rounding; the error is that of the few operations after them.
//
// A comparison is always written `x > bound ? x : bound`: NaN fails it and becomes the bound.

static inline uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/// Arguments below this give 0; the smallest normal float is exp(-87.3365…).
#define EXP_LOW (-87.33f)
/// Arguments above this give exp(EXP_HIGH); the largest float is exp(88.7228…).
#define EXP_HIGH 88.72f

// ln 2 in two parts; the first has 9 bits, so that its product with any exponent is exact.
#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f

/// exp(x) for x in [EXP_LOW, EXP_HIGH]: x = n ln 2 + r with |r| ≤ ln(2)/2 and
/// exp(x) = 2^n (1 + r + r² q(r)).
static inline float exp_in_range(float x) {
    const float rounder = 12582912.0f;  // 1.5 · 2^23: adding it leaves n in the low bits
    float shifted = x * 1.44269504f + rounder;
    float n = shifted - rounder;
    float r = (x - n * LN2_HIGH) - n * LN2_LOW;
    float q = 0x1.6db516p-10f;
    q = q * r + 0x1.123c02p-7f;
    q = q * r + 0x1.55545cp-5f;
    q = q * r + 0x1.55548ep-3f;
    q = q * r + 0x1.000000p-1f;
    float mantissa = (q * (r * r) + r) + 1.0f;
    return float_of(bits_of(mantissa) + (bits_of(shifted) << 23));
}

static inline float exp_of(float x) {
    float y = x > EXP_LOW ? x : EXP_LOW;
    y = y < EXP_HIGH ? y : EXP_HIGH;
    return x >= EXP_LOW ? exp_in_range(y) : 0.0f;
}

/// ln x for normal positive x: x = 2^n (1 + f) with 1 + f in [√½, √2), s = f / (2 + f), and
/// ln(1 + f) = f - f²/2 + s (f²/2 + s² p(s²)).
static inline float log_of(float x) {
    uint32_t offset = bits_of(x) - 0x3f3504f3u;  // the bits of √½
    float n = (float)((int32_t)offset >> 23);
    float f = float_of((offset & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    float s = f / (2.0f + f);
    float z = s * s;
    float p = 0x1.32d2a6p-2f;
    p = p * z + 0x1.995438p-2f;
    p = p * z + 0x1.555588p-1f;
    float half_square = 0.5f * f * f;
    float tail = s * (half_square + z * p) + n * LN2_LOW;
    return n * LN2_HIGH + (f - (half_square - tail));
}

/// ln(1 + x) for x in [0, 1]: 2 artanh(s) with s = x / (2 + x).
static inline float log1p_of_unit(float x) {
    float s = x / (2.0f + x);
    float z = s * s;
    float p = 0x1.f1b2c6p-3f;
    p = p * z + 0x1.b6d5b0p-3f;
    p = p * z + 0x1.25097cp-2f;
    p = p * z + 0x1.9996a8p-2f;
    p = p * z + 0x1.555558p-1f;
    return 2.0f * s + s * (z * p);
}

static inline float magnitude_of(float x) { return float_of(bits_of(x) & 0x7fffffffu); }

#define MAX_FLOAT 3.40282347e38f

/// x made finite: infinities become the largest floats, NaN the most negative one.
static inline float finite_of(float x) {
    float y = x > -MAX_FLOAT ? x : -MAX_FLOAT;
    return y < MAX_FLOAT ? y : MAX_FLOAT;
}

static inline float sigmoid_of(float x) {
    float y = finite_of(x);
    float e = exp_of(-magnitude_of(y));
    return (y >= 0.0f ? 1.0f : e) / (1.0f + e);
}

static inline float softplus_of(float x) {
    float floor = x > 0.0f ? x : 0.0f;
    return floor + log1p_of_unit(exp_of(-magnitude_of(x)));
}

/// tanh x: near zero x + x³ t(x²), elsewhere 1 - 2 / (exp(2|x|) + 1) with the sign of x.
static inline float tanh_of(float x) {
    float y = x > -10.0f ? x : -10.0f;  // tanh rounds to ±1 from 9.02 on
    y = y < 10.0f ? y : 10.0f;
    float size = magnitude_of(y);
    float z = y * y;
    float t = -0x1.76abf6p-8f;
    t = t * z + 0x1.5256cep-6f;
    t = t * z + -0x1.b84448p-5f;
    t = t * z + 0x1.110768p-3f;
    t = t * z + -0x1.555534p-2f;
    float near = y + y * (z * t);
    float far = 1.0f - 2.0f / (exp_of(2.0f * size) + 1.0f);
    far = float_of(bits_of(far) | (bits_of(y) & 0x80000000u));
    return size < 0.625f ? near : far;
}

/// gelu is a subnormal number here, and taken as 0 below.
#define GELU_LOW (-13.2f)

/// gelu x = x Φ(x) with Φ the normal distribution function. With t = |x|, Φ(-t) = exp(-t²/2) g(v),
/// where g falls from ½ and v = (t - 3) / (t + 3); Φ(x) = 1 - Φ(-x) above zero. The square of the
/// upper 12 bits of t is exact, so that the exponential of a large one keeps its digits. At the low
/// end the terms of g are ten times their sum: 10 ulp there, 4 ulp above zero.
static inline float gelu_of(float x) {
    float y = x > GELU_LOW ? x : GELU_LOW;
    y = y < -GELU_LOW ? y : -GELU_LOW;
    float t = magnitude_of(y);
    float high = float_of(bits_of(t) & 0xfffff000u);
    float e = exp_in_range(-0.5f * (high * high)) * exp_in_range(-0.5f * ((t - high) * (t + high)));
    float v = (t - 3.0f) / (t + 3.0f);
    float g = 0x1.c64018p-15f;
    g = g * v + 0x1.e6b232p-14f;
    g = g * v + -0x1.646c42p-12f;
    g = g * v + -0x1.01ff64p-10f;
    g = g * v + 0x1.7cb9a6p-9f;
    g = g * v + 0x1.91e0f6p-8f;
    g = g * v + -0x1.7a9458p-5f;
    g = g * v + 0x1.f8baccp-4f;
    g = g * v + -0x1.a6b66ap-3f;
    g = g * v + 0x1.f1b89cp-4f;
    float tail = y * e * g;
    float below = x >= GELU_LOW ? tail : 0.0f;
    return x > 0.0f ? x - tail : below;
}

typedef struct {
    float sine, cosine;
} sine_cosine;

/// Sine and cosine of 2π (word + 0.5) / 2^32. The two top bits, rounded, are the quadrant; the rest
/// is an angle in [-π/4, π/4), exact as an integer.
static inline sine_cosine sine_cosine_of(uint32_t word) {
    uint32_t quadrant = (word + 0x20000000u) >> 30;
    int32_t rest = (int32_t)(word - (quadrant << 30));
    float a = ((float)rest + 0.5f) * 0x1.921fb6p-30f;  // 2π / 2^32
    float z = a * a;
    float s = -0x1.994e86p-13f;
    s = s * z + 0x1.110760p-7f;
    s = s * z + -0x1.555546p-3f;
    float sine = a + a * (z * s);
    float c = 0x1.9a0230p-16f;
    c = c * z + -0x1.6c0c8cp-10f;
    c = c * z + 0x1.55554ap-5f;
    float cosine = (1.0f - 0.5f * z) + z * (z * c);
    // A quarter turn sends (s, c) to (c, -s).
    uint32_t swap = 0u - (quadrant & 1u);
    uint32_t s_bits = (bits_of(cosine) & swap) | (bits_of(sine) & ~swap);
    uint32_t c_bits = (bits_of(sine) & swap) | (bits_of(cosine) & ~swap);
    s_bits ^= (quadrant & 2u) << 30;
    c_bits ^= ((quadrant + 1u) & 2u) << 30;
    sine_cosine result = {float_of(s_bits), float_of(c_bits)};
    return result;
}

/// ln x for normal positive x in double: 2 artanh(s) = 2 Σ s^(2i+1) / (2i+1) with |s| < 0.172, cut
/// where terms fall below 1e-18; error below 2e-16 relative to max(|ln x|, 1). The C library's own
/// logarithm may differ from one system to the next.
static inline double log_of_double(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t offset = bits - 0x3fe6a09e667f3bcdu;  // the bits of √½
    double n = (double)((int64_t)offset >> 52);
    bits = (offset & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
    double mantissa;
    memcpy(&mantissa, &bits, sizeof mantissa);
    double s = (mantissa - 1.0) / (mantissa + 1.0);
    double z = s * s, zz = z * z;
    // Two chains, for the odd and the even powers of z, take half the time of one.
    double odd = 0.0, even = 0.0;
    for (int i = 21; i >= 1; i -= 4) odd = odd * zz + 2.0 / (i + 2);
    for (int i = 21; i >= 5; i -= 4) even = even * zz + 2.0 / i;
    double series = odd * z + even * zz;
    return n * 0.69314718055994530942 + (2.0 * s + s * series);
}

#endif
