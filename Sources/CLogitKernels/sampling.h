#ifndef LOGIT_SAMPLING_H
#define LOGIT_SAMPLING_H

#include "set.h"

/// Samples that share one pass over a panel of loadings.
#define SAMPLES_AT_ONCE 2

/// Factors whose loadings are gathered into one contiguous panel: 16 KiB, half of a usual L1 cache.
/// A higher rank takes several passes, with the partial sums in `logits` in between. That loses
/// nothing: they are floats either way.
#define FACTORS_AT_ONCE 256

/// Classes whose sums stay in the L1 cache while a block's samples are added: 8 KiB of doubles.
#define CLASSES_AT_ONCE 512

typedef struct {
    float loadings[FACTORS_AT_ONCE][LOGIT_LANES];
    size_t factor_count, lane_count;
} loading_panel;

/// Copies `count` ≤ 16 floats by moves of fixed sizes: those powers of two that add up to `count`.
static inline void copy_lanes(float *restrict to, const float *restrict from, size_t count) {
    if (count == LOGIT_LANES) {
        memcpy(to, from, LOGIT_LANES * sizeof(float));
        return;
    }
    size_t done = 0;
    if (count & 8) {
        memcpy(to, from, 8 * sizeof(float));
        done = 8;
    }
    if (count & 4) {
        memcpy(to + done, from + done, 4 * sizeof(float));
        done += 4;
    }
    if (count & 2) {
        memcpy(to + done, from + done, 2 * sizeof(float));
        done += 2;
    }
    if (count & 1) to[done] = from[done];
}

static void gather(const float *loadings, size_t stride, loading_panel *panel) {
    for (size_t r = 0; r < panel->factor_count; r++) {
        copy_lanes(panel->loadings[r], loadings + r * stride, panel->lane_count);
    }
}

/// logits[sample][lane] = start[sample][lane] + Σ_r draws[sample][r] · loadings[r][lane]; `start`
/// may be `logits`. The sums over r are separate arrays, indexed by constants only, so that they
/// stay in registers.
INLINE void add_factors(const loading_panel *panel, const size_t samples, const float *draws,
                        size_t rank, const float *start, size_t start_stride, float *logits,
                        size_t stride) {
    float edge[SAMPLES_AT_ONCE][LOGIT_LANES] = {{0.0f}};
    float sums[SAMPLES_AT_ONCE][LOGIT_LANES];
    for (size_t s = 0; s < samples; s++) {
        copy_lanes(edge[s], start + s * start_stride, panel->lane_count);
        for (int lane = 0; lane < LOGIT_LANES; lane++) sums[s][lane] = edge[s][lane];
    }
    for (size_t r = 0; r < panel->factor_count; r++) {
        for (size_t s = 0; s < samples; s++) {
            float z = draws[s * rank + r];
            for (int lane = 0; lane < LOGIT_LANES; lane++) {
                sums[s][lane] += z * panel->loadings[r][lane];
            }
        }
    }
    for (size_t s = 0; s < samples; s++) {
        for (int lane = 0; lane < LOGIT_LANES; lane++) edge[s][lane] = sums[s][lane];
        copy_lanes(logits + s * stride, edge[s], panel->lane_count);
    }
}

static void add_panel(const loading_panel *panel, const float *draws, size_t rank,
                      size_t sample_count, const float *start, size_t start_stride,
                      float *logits, size_t stride) {
    size_t s = 0;
    for (; s + SAMPLES_AT_ONCE <= sample_count; s += SAMPLES_AT_ONCE) {
        add_factors(panel, SAMPLES_AT_ONCE, draws + s * rank, rank, start + s * start_stride,
                    start_stride, logits + s * stride, stride);
    }
    for (; s < sample_count; s++) {
        add_factors(panel, 1, draws + s * rank, rank, start + s * start_stride, start_stride,
                    logits + s * stride, stride);
    }
}

static void affine(const float *location, const float *loadings, size_t rank, const float *draws,
                   size_t sample_count, size_t class_count, size_t stride, float *logits) {
    for (size_t s = 0; rank == 0 && s < sample_count; s++) {
        memcpy(logits + s * stride, location, class_count * sizeof(float));
    }
    // Zeroed once: the lanes past the last class are multiplied, though never stored.
    loading_panel panel;
    memset(&panel, 0, sizeof panel);
    for (size_t k = 0; k < class_count; k += LOGIT_LANES) {
        size_t left = class_count - k;
        panel.lane_count = left < LOGIT_LANES ? left : LOGIT_LANES;
        for (size_t r = 0; r < rank; r += FACTORS_AT_ONCE) {
            panel.factor_count = rank - r < FACTORS_AT_ONCE ? rank - r : FACTORS_AT_ONCE;
            gather(loadings + r * stride + k, stride, &panel);
            // The first pass starts from the location, which all samples share; later ones start
            // from the sums of the pass before.
            add_panel(&panel, draws + r, rank, sample_count, r == 0 ? location + k : logits + k,
                      r == 0 ? 0 : stride, logits + k, stride);
        }
    }
}

static void accumulate_sample(const float *restrict values, size_t count, double scale,
                              double *restrict sums, double *restrict squares) {
    for (size_t k = 0; k < count; k++) {
        double p = (double)values[k] * scale;
        sums[k] += p;
        squares[k] += p * p;
    }
}

static void accumulate(const float *values, size_t stride, size_t sample_count, size_t class_count,
                       const logit_row_sums *rows, double *sums, double *squares) {
    for (size_t k = 0; k < class_count; k += CLASSES_AT_ONCE) {
        size_t left = class_count - k;
        size_t size = left < CLASSES_AT_ONCE ? left : CLASSES_AT_ONCE;
        for (size_t s = 0; s < sample_count; s++) {
            accumulate_sample(values + s * stride + k, size, rows[s].scale, sums + k, squares + k);
        }
    }
}

static void accumulate_leads(const float *values, size_t stride, size_t sample_count,
                             size_t first, size_t count, const logit_row_sums *rows,
                             size_t leader, double *restrict leads) {
    for (size_t k = 0; k < count; k += CLASSES_AT_ONCE) {
        const size_t left = count - k, size = left < CLASSES_AT_ONCE ? left : CLASSES_AT_ONCE;
        for (size_t s = 0; s < sample_count; s++) {
            const float *row = values + s * stride, *part = row + first + k;
            const double scale = rows[s].scale, most = (double)row[leader] * scale;
            for (size_t j = 0; j < size; j++) {
                const double lead = most - (double)part[j] * scale;
                leads[k + j] += lead * lead;
            }
        }
    }
}

#endif
