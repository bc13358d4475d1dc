#ifndef LOGIT_NOISE_TRACE_H
#define LOGIT_NOISE_TRACE_H

#include "noise_block.h"

// Single classes of samples whose sums are known: their probabilities in each sample, and the class
// that leads it.

/// A tile's samples, filled up to whole vectors.
enum { TRACE_LANES = 16 };

/// Adds one class's products to a tile's logits, in the order of factors.
INLINE void trace_products(const logit_noise *noise, size_t lane, const char *panel,
                           const char *draws, float t[TRACE_LANES]) {
    if (noise->is_bfloat16) {
        for (size_t r = 0; r < (noise->rank + 1) / 2; r++) {
            uint32_t pair, pairs[TILE];
            memcpy(&pair, panel + (r * PANEL + lane) * sizeof pair, sizeof pair);
            memcpy(pairs, draws + r * sizeof pairs, sizeof pairs);
            const float even = float_of(pair << 16), odd = float_of(pair & 0xffff0000u);
            for (size_t s = 0; s < TILE; s++) t[s] += even * float_of(pairs[s] << 16);
            for (size_t s = 0; s < TILE; s++) t[s] += odd * float_of(pairs[s] & 0xffff0000u);
        }
        return;
    }
    const float *a = (const float *)panel + lane, *z = (const float *)draws;
    for (size_t r = 0; r < noise->rank; r++, a += PANEL, z += TILE) {
        for (size_t s = 0; s < TILE; s++) t[s] += *a * z[s];
    }
}

/// Turns logits into what `pass_softmax` and `pass_sigmoid` make of them.
INLINE void trace_values(bool is_sigmoid, float t[TRACE_LANES]) {
    for (size_t s = 0; s < TRACE_LANES; s += VECTOR_LANES) {
        lane_sums unused = empty_lanes(is_sigmoid ? pass_sigmoid : pass_softmax);
        if (is_sigmoid) {
            add_sigmoid(load(t + s), t + s, &unused);
        } else {
            add_softmax(load(t + s), t + s, &unused);
        }
    }
}

/// See `logit_sampling_kernels.trace`.
static void trace(const logit_noise *noise, size_t sample_count, bool is_sigmoid,
                  const logit_sample_scale *scales, const uint32_t *classes, size_t class_count,
                  float *values) {
    for (size_t c = 0; c < class_count; c++) {
        const size_t k = classes[c], lane = k % PANEL;
        const char *panel = panel_at(noise, k / PANEL);
        for (size_t first = 0; first < sample_count; first += TILE) {
            const size_t left = sample_count - first, count = left < TILE ? left : TILE;
            float t[TRACE_LANES] = {0.0f};
            for (size_t s = 0; s < count; s++) {
                t[s] = noise->location[k] - scales[first + s].shift;
            }
            trace_products(noise, lane, panel, tile_at(noise, first / TILE), t);
            for (size_t s = 0; s < count; s++) t[s] -= scales[first + s].raise;
            trace_values(is_sigmoid, t);
            for (size_t s = 0; s < count; s++) {
                // A logit that is summed in another order than the sample's own, as pairs of
                // bfloat16 are, may end above the one that leads the sample.
                const float p = t[s] * scales[first + s].weight;
                values[c * sample_count + first + s] = p < 1.0f ? p : 1.0f;
            }
        }
    }
}

/// The index of the first class with the largest of one sample's values, which lie `stride` floats
/// apart from panel to panel.
INLINE size_t leader(const float *values, size_t stride, size_t class_count) {
    const size_t vectors = PANEL / VECTOR_LANES;
    floats best[PANEL / VECTOR_LANES];
    words places[PANEL / VECTOR_LANES];
    for (size_t j = 0; j < vectors; j++) {
        best[j] = load(values + j * VECTOR_LANES);
        places[j] = (words)0;
    }
    for (size_t panel = 1; panel * PANEL < class_count; panel++) {
        for (size_t j = 0; j < vectors; j++) {
            const floats value = load(values + panel * stride + j * VECTOR_LANES);
            places[j] = value > best[j] ? (words)(uint32_t)panel : places[j];
            best[j] = value > best[j] ? value : best[j];
        }
    }
    float most[PANEL];
    uint32_t panels[PANEL];
    memcpy(most, best, sizeof most);
    memcpy(panels, places, sizeof panels);
    size_t found = class_count;
    float largest = -1.0f;
    for (size_t lane = 0; lane < PANEL; lane++) {
        const size_t k = panels[lane] * PANEL + lane;
        if (k >= class_count || most[lane] < largest) continue;
        if (most[lane] > largest || k < found) found = k;
        largest = most[lane];
    }
    return found;
}

/// Counts the leader of each of a block's samples.
static void count_leaders(const logit_noise *noise, const float *values, size_t stride,
                          size_t sample_count, uint32_t *votes) {
    for (size_t s = 0; s < sample_count; s++) {
        votes[leader(values + s * PANEL, stride * PANEL, noise->class_count)] += 1;
    }
}

/// See `logit_sampling_kernels.count_votes`.
static void count_votes(const float *values, size_t stride, size_t sample_count,
                        size_t class_count, uint32_t *votes) {
    for (size_t s = 0; s < sample_count; s++) {
        const float *row = values + s * stride;
        size_t best = 0;
        for (size_t k = 1; k < class_count; k++) best = row[k] > row[best] ? k : best;
        votes[best] += 1;
    }
}

#endif
