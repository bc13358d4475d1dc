#ifndef LOGIT_NET_NORMALS_H
#define LOGIT_NET_NORMALS_H

#include "functions.h"

/// Φ⁻¹((word + ½) / 2³²), Φ the normal distribution function; |result| < 6.34. With q the distance
/// from ½, and p that from the nearer end, both exact as integers, so that the tails keep their
/// digits: a rational function of q² in the middle, of sqrt(-ln p) beyond it.
static inline float normal_quantile_of(uint32_t word) {
    // The distance from ½ in steps of 2^-32, less half a step: 0 … 2^31 - 1.
    uint32_t flip = 0u - (word >> 31 ^ 1u);
    uint32_t distance = (word ^ flip) & 0x7fffffffu;
    float q = ((float)(int32_t)distance + 0.5f) * 0x1p-32f;
    float p = ((float)(int32_t)(0x7fffffffu - distance) + 0.5f) * 0x1p-32f;
    // Wichura, Algorithm AS 241, Appl. Statist. 37 (1988), PPND7.
    float r = 0.180625f - q * q;
    float middle = q *
                   (((5.9109374720e+01f * r + 1.5929113202e+02f) * r + 5.0434271938e+01f) * r +
                    3.3871327179e+00f) /
                   (((6.7187563600e+01f * r + 7.8757757664e+01f) * r + 1.7895169469e+01f) * r +
                    1.0f);
    float t = __builtin_elementwise_sqrt(-log_of(p)) - 1.6f;
    float tail = (((1.7023821103e-01f * t + 1.3067284816e+00f) * t + 2.7568153900e+00f) * t +
                  1.4234372777e+00f) /
                 ((1.2021132975e-01f * t + 7.3700164250e-01f) * t + 1.0f);
    float size = q <= 0.425f ? middle : tail;
    return float_of(bits_of(size) | (flip & 0x80000000u));
}

/// Coordinates of a point that are computed together at most.
#define NET_LANES 16

/// One group of `lanes` coordinates of all points, computed as if they were `width`, a constant.
/// Point i + 1 differs from point i by the directions of all bits that change. With
/// `may_overrun`, what is written behind a row's coordinates is overwritten by the next row, which
/// begins there: rows are copied by a constant length as long as it is within the draws.
INLINE void net_group(const uint32_t *steps, const uint32_t *shifts, size_t stride, size_t lanes,
                      int width, uint64_t first, size_t sample_count, size_t draw_stride,
                      bool may_overrun, float *draws) {
    if (sample_count == 0) return;
    uint32_t own[LOGIT_SOBOL_BITS][NET_LANES];
    const uint64_t last = first + sample_count - 1;
    for (int bit = 0; bit < LOGIT_SOBOL_BITS && last >> bit != 0; bit++) {
        memset(own[bit], 0, sizeof own[bit]);
        memcpy(own[bit], steps + (size_t)bit * stride, lanes * sizeof *steps);
    }
    uint32_t x[NET_LANES] = {0};
    memcpy(x, shifts, lanes * sizeof *x);
    for (uint64_t left = first; left != 0; left &= left - 1) {
        // The directions of bit b are the difference of two steps.
        const int bit = __builtin_ctzll(left);
        for (int j = 0; j < width; j++) x[j] ^= own[bit][j] ^ (bit > 0 ? own[bit - 1][j] : 0u);
    }
    const size_t whole = may_overrun ? (size_t)width : SIZE_MAX;
    for (size_t s = 0; s < sample_count; s++) {
        float normals[NET_LANES];
        for (int j = 0; j < width; j++) normals[j] = normal_quantile_of(x[j]);
        float *row = draws + s * draw_stride;
        if ((sample_count - s) * draw_stride >= whole) {
            memcpy(row, normals, (size_t)width * sizeof *normals);
        } else {
            memcpy(row, normals, lanes * sizeof *normals);
        }
        if (s + 1 == sample_count) return;
        const uint32_t *step = own[__builtin_ctzll(first + s + 1)];
        for (int j = 0; j < width; j++) x[j] ^= step[j];
    }
}

static void net_normals(const uint32_t *steps, const uint32_t *shifts, size_t dimension_count,
                        uint64_t first, size_t sample_count, size_t stride, float *draws) {
    for (size_t j = 0; j < dimension_count; j += NET_LANES) {
        const size_t left = dimension_count - j;
        const bool is_only = stride <= NET_LANES && stride == dimension_count;
        if (left <= NET_LANES / 2) {
            net_group(steps + j, shifts + j, dimension_count, left, NET_LANES / 2, first,
                      sample_count, stride, is_only, draws + j);
        } else {
            const size_t lanes = left < NET_LANES ? left : NET_LANES;
            net_group(steps + j, shifts + j, dimension_count, lanes, NET_LANES, first,
                      sample_count, stride, is_only || lanes == NET_LANES, draws + j);
        }
    }
}

#endif
