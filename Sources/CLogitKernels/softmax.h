#ifndef LOGIT_SOFTMAX_H
#define LOGIT_SOFTMAX_H

#include "functions.h"
#include "lanes.h"
#include "panel_maxima.h"

/// Up to 512 logits of a row, padded with -infinity to a multiple of 16, and their results.
typedef struct {
    float logits[LOGIT_TILE];
    float probabilities[LOGIT_TILE];  // of softmax: not yet divided by their sum
    float terms[LOGIT_TILE];          // of the entropy
} tile;

/// Loads the tile at `first`, a multiple of 512, and returns its padded size.
static inline size_t load_tile(tile *tile, const float *row, size_t first, size_t count) {
    size_t left = count - first;
    size_t size = left < LOGIT_TILE ? left : LOGIT_TILE;
    size_t padded = (size + LOGIT_LANES - 1) / LOGIT_LANES * LOGIT_LANES;
    memcpy(tile->logits, row + first, size * sizeof(float));
    for (size_t i = size; i < padded; i++) tile->logits[i] = -INFINITY;
    return padded;
}

static void store_row_tile(const tile *tile, float *row, size_t first, size_t count) {
    size_t left = count - first;
    size_t size = left < LOGIT_TILE ? left : LOGIT_TILE;
    memcpy(row + first, tile->probabilities, size * sizeof(float));
}

/// The sum of a tile's values: lane i mod 16 adds its values in order, then the lanes are joined as
/// a tree of halves. Padding gives zeros, which change no sum.
static double sum_of_lanes(const float *values, size_t padded) {
    double_lanes running = {0.0};
    for (size_t i = 0; i < padded; i += LOGIT_LANES) {
        float_lanes next;
        memcpy(&next, values + i, sizeof next);
        running += __builtin_convertvector(next, double_lanes);
    }
    double sums[LOGIT_LANES];
    memcpy(sums, &running, sizeof sums);
    for (int half = LOGIT_LANES / 2; half > 0; half /= 2) {
        for (int lane = 0; lane < half; lane++) sums[lane] += sums[lane + half];
    }
    return sums[0];
}

static inline void keep_larger(float lanes[LOGIT_LANES], const float *values, int count) {
    for (int lane = 0; lane < count; lane++) {
        lanes[lane] = values[lane] > lanes[lane] ? values[lane] : lanes[lane];
    }
}

/// The largest value; -infinity if all are NaN. A maximum is exact in any order.
static float maximum_of(const float *row, size_t count) {
    float lanes[LOGIT_LANES], end[LOGIT_LANES];
    for (int lane = 0; lane < LOGIT_LANES; lane++) lanes[lane] = end[lane] = -INFINITY;
    size_t i = 0;
    for (; i + LOGIT_LANES <= count; i += LOGIT_LANES) keep_larger(lanes, row + i, LOGIT_LANES);
    memcpy(end, row + i, (count - i) * sizeof(float));
    keep_larger(lanes, end, LOGIT_LANES);
    for (int half = LOGIT_LANES / 2; half > 0; half /= 2) keep_larger(lanes, lanes + half, half);
    return lanes[0];
}

/// Computes e = exp(l - maximum), and e·(l - maximum) as the terms of the entropy.
static void exponentiate_tile(tile *restrict tile, size_t padded, float maximum) {
    for (size_t i = 0; i < padded; i++) {
        float t = tile->logits[i] - maximum;
        float bounded = t > EXP_LOW ? t : EXP_LOW;
        float e = t >= EXP_LOW ? exp_in_range(bounded) : 0.0f;
        tile->probabilities[i] = e;
        tile->terms[i] = e * bounded;  // 0 · -87.33 where 0 · -infinity would be NaN
    }
}

static logit_row_sums softmax_sums(double sum, double product_sum, float maximum) {
    double log_sum = log_of_double(sum), scale = 1.0 / sum;
    logit_row_sums sums = {(double)maximum + log_sum, log_sum - product_sum * scale, scale};
    return sums;
}

static logit_row_sums exponentiate_row(float *row, size_t count) {
    tile tile;
    float maximum = maximum_of(row, count);
    if (isinf(maximum)) {
        for (size_t i = 0; i < count; i++) row[i] = finite_of(row[i]);
        maximum = finite_of(maximum);
    }
    double sum = 0.0, product_sum = 0.0;
    for (size_t first = 0; first < count; first += LOGIT_TILE) {
        size_t padded = load_tile(&tile, row, first, count);
        exponentiate_tile(&tile, padded, maximum);
        sum += sum_of_lanes(tile.probabilities, padded);
        product_sum += sum_of_lanes(tile.terms, padded);
        store_row_tile(&tile, row, first, count);
    }
    return softmax_sums(sum, product_sum, maximum);
}

static void exponentiate(float *rows, size_t row_count, size_t class_count,
                         logit_row_sums *sums) {
    for (size_t i = 0; i < row_count; i++) {
        sums[i] = exponentiate_row(rows + i * class_count, class_count);
    }
}

static void rescale(float *values, size_t count, double scale) {
    for (size_t i = 0; i < count; i++) values[i] = (float)((double)values[i] * scale);
}

/// With e = exp(-|l|): p is 1/(1+e) or e/(1+e), and its entropy is ln(1+e) + |l| e/(1+e).
static void sigmoid_tile(tile *restrict tile, size_t padded) {
    for (size_t i = 0; i < padded; i++) {
        float l = finite_of(tile->logits[i]);
        float size = magnitude_of(l);
        size = size < 88.0f ? size : 88.0f;  // exp(-88) is flushed to zero
        float e = exp_of(-size);
        float smaller = e / (1.0f + e);
        tile->probabilities[i] = l >= 0.0f ? 1.0f / (1.0f + e) : smaller;
        tile->terms[i] = log1p_of_unit(e) + size * smaller;
    }
}

static logit_row_sums sigmoid_row(float *row, size_t count) {
    tile tile;
    logit_row_sums sums = {0.0, 0.0, 1.0};
    for (size_t first = 0; first < count; first += LOGIT_TILE) {
        size_t padded = load_tile(&tile, row, first, count);
        sigmoid_tile(&tile, padded);
        sums.entropy += sum_of_lanes(tile.terms, padded);
        store_row_tile(&tile, row, first, count);
    }
    return sums;
}

static void sigmoid_rows(float *rows, size_t row_count, size_t class_count,
                         logit_row_sums *sums) {
    for (size_t i = 0; i < row_count; i++) {
        sums[i] = sigmoid_row(rows + i * class_count, class_count);
    }
}

/// Multiplies the first `size` logits by `scale`; false if one of them is not finite then.
static inline bool scale_tile(tile *tile, size_t size, float scale) {
    uint32_t largest = 0;
    for (size_t i = 0; i < size; i++) {
        tile->logits[i] *= scale;
        const uint32_t bits = bits_of(tile->logits[i]) & 0x7fffffffu;
        largest = bits > largest ? bits : largest;
    }
    return largest < 0x7f800000u;
}

/// See `logit_kernels.sum_row`.
static bool sum_row(const float *logits, size_t class_count, logit_link link, float scale,
                    float maximum, logit_row_sums *sums) {
    tile tile;
    bool is_finite = true;
    double sum = 0.0, product_sum = 0.0;
    for (size_t first = 0; first < class_count; first += LOGIT_TILE) {
        size_t padded = load_tile(&tile, logits, first, class_count);
        size_t left = class_count - first;
        is_finite &= scale_tile(&tile, left < LOGIT_TILE ? left : LOGIT_TILE, scale);
        if (link == LOGIT_SOFTMAX) {
            exponentiate_tile(&tile, padded, maximum);
            sum += sum_of_lanes(tile.probabilities, padded);
        } else {
            sigmoid_tile(&tile, padded);
        }
        product_sum += sum_of_lanes(tile.terms, padded);
    }
    *sums = link == LOGIT_SOFTMAX ? softmax_sums(sum, product_sum, maximum)
                                  : (logit_row_sums){0.0, product_sum, 1.0};
    return is_finite;
}

/// See `logit_kernels.probabilities`.
static void probabilities(const float *logits, size_t count, logit_link link, float scale,
                          float maximum, double normalizer, float *output) {
    tile tile;
    for (size_t first = 0; first < count; first += LOGIT_TILE) {
        size_t padded = load_tile(&tile, logits, first, count);
        scale_tile(&tile, padded, scale);
        if (link == LOGIT_SOFTMAX) {
            exponentiate_tile(&tile, padded, maximum);
            rescale(tile.probabilities, padded, normalizer);
        } else {
            sigmoid_tile(&tile, padded);
        }
        store_row_tile(&tile, output, first, count);
    }
}

#endif
