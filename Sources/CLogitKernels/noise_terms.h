#ifndef LOGIT_NOISE_TERMS_H
#define LOGIT_NOISE_TERMS_H

#include "formats.h"
#include "set.h"

// Packing for the sampling pass: loadings into panels of 32 classes, draws into tiles of 12
// samples, in each of them one factor after the other. In single precision a factor is `width`
// floats. In bfloat16 two factors lie together, value by value, the even factor first; an odd rank
// ends with zeros.

#define PANEL LOGIT_PANEL
#define TILE LOGIT_NOISE_TILE

/// Draws stay below 7 in size, so that with terms below this no sum of fewer than 10^7 of them
/// leaves the range of float.
#define LARGEST_TERM 1e30f

static inline __attribute__((always_inline)) void store_factor(
    const float *row, const size_t width, size_t factor, bool is_bfloat16, void *terms) {
    if (!is_bfloat16) {
        memcpy((float *)terms + factor * width, row, width * sizeof(float));
        return;
    }
    uint16_t *pairs = (uint16_t *)terms + (factor / 2 * width) * 2 + factor % 2;
    for (size_t i = 0; i < width; i++) pairs[2 * i] = bfloat16_of(row[i]);
}

/// Whether every |row[i]| is below LARGEST_TERM; false for NaN.
static inline bool are_safe(const float *row, size_t count) {
    bool is_safe = true;
    for (size_t i = 0; i < count; i++) is_safe &= __builtin_fabsf(row[i]) < LARGEST_TERM;
    return is_safe;
}

static bool pack_loadings(const float *rows, size_t stride, size_t rank, size_t class_count,
                          float scale, bool is_bfloat16, void *panels) {
    const size_t panel_bytes = logit_noise_bytes(rank, PANEL, is_bfloat16);
    bool is_safe = true;
    for (size_t first = 0; first < class_count; first += PANEL) {
        const size_t left = class_count - first, lanes = left < PANEL ? left : PANEL;
        void *panel = (char *)panels + first / PANEL * panel_bytes;
        float row[PANEL] = {0.0f};
        for (size_t r = 0; r < rank; r++) {
            for (size_t i = 0; i < lanes; i++) row[i] = rows[r * stride + first + i] * scale;
            is_safe &= are_safe(row, PANEL);
            store_factor(row, PANEL, r, is_bfloat16, panel);
        }
        if (rank % 2 != 0 && is_bfloat16) {
            memset(row, 0, sizeof row);
            store_factor(row, PANEL, rank, is_bfloat16, panel);
        }
    }
    return is_safe;
}

static void pack_draws(const float *draws, size_t sample_count, size_t rank, bool is_bfloat16,
                       void *tiles) {
    const size_t tile_bytes = logit_noise_bytes(rank, TILE, is_bfloat16);
    for (size_t first = 0; first < sample_count; first += TILE) {
        const size_t left = sample_count - first, samples = left < TILE ? left : TILE;
        void *tile = (char *)tiles + first / TILE * tile_bytes;
        float row[TILE] = {0.0f};
        for (size_t r = 0; r < rank; r++) {
            for (size_t s = 0; s < samples; s++) row[s] = draws[(first + s) * rank + r];
            store_factor(row, TILE, r, is_bfloat16, tile);
        }
        if (rank % 2 != 0 && is_bfloat16) {
            memset(row, 0, sizeof row);
            store_factor(row, TILE, rank, is_bfloat16, tile);
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
