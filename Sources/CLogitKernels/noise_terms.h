#ifndef LOGIT_NOISE_TERMS_H
#define LOGIT_NOISE_TERMS_H

#include "formats.h"
#include "set.h"

// Packing for the sampling pass: loadings into panels of 32 classes, draws into tiles of 12
// samples, in each of them one factor after the other. In single precision a factor is `width`
// floats. In bfloat16 two factors are interleaved value by value, the even factor first; an odd
// rank ends with zeros.

#define PANEL LOGIT_PANEL
#define TILE LOGIT_NOISE_TILE

/// Limit of loadings and locations. Draws are below 7 in magnitude, or below 51 where at most 64 of
/// them are turned, so that no sum of fewer than 10^7 terms below this leaves the range of float.
#define MAX_TERM 1e30f

/// Writes two factors as pairs of bfloat16, the first one in the low halves.
INLINE void store_pair(const float *first, const float *second, const size_t width, void *pairs) {
    uint32_t words[PANEL];
    for (size_t i = 0; i < width; i++) {
        words[i] = bfloat16_of(first[i]) | (uint32_t)bfloat16_of(second[i]) << 16;
    }
    memcpy(pairs, words, width * sizeof(uint32_t));
}

/// Whether every |row[i]| is below MAX_TERM; false for NaN.
static inline bool are_safe(const float *row, size_t count) {
    bool is_safe = true;
    for (size_t i = 0; i < count; i++) is_safe &= __builtin_fabsf(row[i]) < MAX_TERM;
    return is_safe;
}

/// Loads factor `r` of a panel's classes, with zeros for classes and factors that do not exist.
/// False if a value is too large.
static inline bool load_factor(const float *rows, size_t stride, size_t rank, size_t lanes,
                               float scale, size_t r, float row[PANEL]) {
    for (size_t i = 0; i < PANEL; i++) row[i] = 0.0f;
    if (r >= rank) return true;
    const float *from = rows + r * stride;
    if (lanes == PANEL) {
        for (size_t i = 0; i < PANEL; i++) row[i] = from[i] * scale;
    } else {
        for (size_t i = 0; i < lanes; i++) row[i] = from[i] * scale;
    }
    return are_safe(row, PANEL);
}

static bool pack_panel(const float *rows, size_t stride, size_t rank, size_t lanes, float scale,
                       bool is_bfloat16, char *panel) {
    bool is_safe = true;
    float first[PANEL], second[PANEL];
    if (is_bfloat16) {
        for (size_t r = 0; r < rank; r += 2) {
            is_safe &= load_factor(rows, stride, rank, lanes, scale, r, first);
            is_safe &= load_factor(rows, stride, rank, lanes, scale, r + 1, second);
            store_pair(first, second, PANEL, panel + r / 2 * PANEL * sizeof(uint32_t));
        }
    } else {
        for (size_t r = 0; r < rank; r++) {
            is_safe &= load_factor(rows, stride, rank, lanes, scale, r, first);
            memcpy(panel + r * sizeof first, first, sizeof first);
        }
    }
    return is_safe;
}

static bool pack_loadings(const float *rows, size_t stride, size_t rank, size_t class_count,
                          float scale, bool is_bfloat16, void *panels) {
    const size_t panel_bytes = logit_noise_bytes(rank, PANEL, is_bfloat16);
    bool is_safe = true;
    for (size_t first = 0; first < class_count; first += PANEL) {
        const size_t left = class_count - first, lanes = left < PANEL ? left : PANEL;
        is_safe &= pack_panel(rows + first, stride, rank, lanes, scale, is_bfloat16,
                              (char *)panels + first / PANEL * panel_bytes);
    }
    return is_safe;
}

static void load_draws(const float *draws, size_t sample_count, size_t rank, size_t r,
                       float row[TILE]) {
    for (size_t s = 0; s < TILE; s++) {
        row[s] = s < sample_count && r < rank ? draws[s * rank + r] : 0.0f;
    }
}

static void pack_draws(const float *draws, size_t sample_count, size_t rank, bool is_bfloat16,
                       void *tiles) {
    const size_t tile_bytes = logit_noise_bytes(rank, TILE, is_bfloat16);
    for (size_t first = 0; first < sample_count; first += TILE) {
        const float *from = draws + first * rank;
        const size_t left = sample_count - first;
        char *tile = (char *)tiles + first / TILE * tile_bytes;
        float row[TILE], second[TILE];
        for (size_t r = 0; r < rank; r += is_bfloat16 ? 2 : 1) {
            load_draws(from, left, rank, r, row);
            if (is_bfloat16) {
                load_draws(from, left, rank, r + 1, second);
                store_pair(row, second, TILE, tile + r / 2 * TILE * sizeof(uint32_t));
            } else {
                memcpy(tile + r * sizeof row, row, sizeof row);
            }
        }
    }
}

/// See `logit_kernels.pack_location`.
static bool pack_location(const float *values, const float *bias, size_t class_count, float scale,
                          float *location) {
    const size_t padded = (class_count + PANEL - 1) / PANEL * PANEL;
    for (size_t k = 0; k < class_count; k++) {
        location[k] = (bias ? values[k] + bias[k] : values[k]) * scale;
    }
    for (size_t k = class_count; k < padded; k++) location[k] = -INFINITY;
    return are_safe(location, class_count);
}

#endif
