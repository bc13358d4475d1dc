#ifndef LOGIT_NOISE_DEVIATIONS_H
#define LOGIT_NOISE_DEVIATIONS_H

#include "noise_tile.h"

// From the values of a block to the moments of its chunk, panel by panel, and from those to the
// sums of all. A block's moments are taken when the next block comes to the panel and is about to
// write over the values, so that the values pass from the shared cache and back once a block, while
// products are computed.

/// Floats from one panel of the block that waits to the next one.
static size_t waiting_stride(const logit_noise_waiting *waiting) {
    return (waiting->sample_count + TILE - 1) / TILE * TILE * PANEL;
}

/// The means of the first block's probabilities, from which all deviations of a chunk are measured.
static void center(const float *values, size_t sample_count, const float *weights,
                   float *centers) {
    for (size_t k = 0; k < PANEL; k += VECTOR_LANES) {
        floats sum = 0.0f;
        for (size_t s = 0; s < sample_count; s++) {
            sum = sum + load(values + s * PANEL + k) * weights[s];
        }
        store(centers + k, sum * (1.0f / (float)sample_count));
    }
}

/// Computes the leader's deviation from its center in each sample of the block that waits: the next
/// block writes over the leader's values before it comes to the panels behind.
static void deviate_leader(const logit_noise *noise, const float *values,
                           logit_noise_chunk *chunk) {
    logit_noise_waiting *waiting = &chunk->waiting;
    const size_t lane = noise->reference % PANEL, first = noise->reference - lane;
    values += first / PANEL * waiting_stride(waiting);
    if (waiting->is_first) {
        center(values, waiting->sample_count, waiting->weights, chunk->centers + first);
    }
    for (size_t s = 0; s < waiting->sample_count; s++) {
        waiting->leader[s] =
            values[s * PANEL + lane] * waiting->weights[s] - chunk->centers[first + lane];
    }
}

/// Σ d, Σ d² and Σ (leader - d)² of one group of classes, d = p - centers.
typedef struct {
    floats centers[TILE_VECTORS], deviations[TILE_VECTORS], squares[TILE_VECTORS];
    floats leads[TILE_VECTORS];
} group_moments;

/// With d = values · weights - centers over the samples that wait: deviations += d, squares += d²
/// and, if there is a `leader` with the leader's d of each sample, leads += (leader - d)².
/// What lies `ahead` floats behind each value is fetched.
INLINE void add_deviations(const float *values, size_t ahead, const logit_noise_waiting *waiting,
                           const float *leader, group_moments *moments) {
    group_moments m = *moments;
    for (size_t s = 0; s < waiting->sample_count; s++) {
        const float *at = values + s * PANEL;
        const floats weight = waiting->weights[s];
        _Pragma("clang loop unroll(full)") for (int j = 0; j < TILE_VECTORS; j++) {
            if (j * VECTOR_BYTES % CACHE_LINE == 0) {
                __builtin_prefetch(at + ahead + j * VECTOR_LANES);
            }
            const floats deviation = load(at + j * VECTOR_LANES) * weight - m.centers[j];
            m.deviations[j] = m.deviations[j] + deviation;
            m.squares[j] = m.squares[j] + deviation * deviation;
            if (leader) {
                const floats lead = leader[s] - deviation;
                m.leads[j] = m.leads[j] + lead * lead;
            }
        }
    }
    *moments = m;
}

/// Adds the values of the group of classes from `k` on, with leads or without.
INLINE void add_group(const logit_noise_chunk *chunk, size_t k, const float *values, size_t ahead,
                      const bool has_leads) {
    const logit_noise_waiting *waiting = &chunk->waiting;
    group_moments moments = {0};
    memcpy(moments.centers, chunk->centers + k, sizeof moments.centers);
    memcpy(moments.deviations, chunk->deviations + k, sizeof moments.deviations);
    memcpy(moments.squares, chunk->squares + k, sizeof moments.squares);
    if (has_leads) memcpy(moments.leads, chunk->leads + k, sizeof moments.leads);
    add_deviations(values, ahead, waiting, has_leads ? waiting->leader : 0, &moments);
    memcpy(chunk->deviations + k, moments.deviations, sizeof moments.deviations);
    memcpy(chunk->squares + k, moments.squares, sizeof moments.squares);
    if (has_leads) memcpy(chunk->leads + k, moments.leads, sizeof moments.leads);
}

/// Adds a panel's values of the block that waits, and fetches those of the next panel.
static void add_waiting(const logit_noise_chunk *chunk, const float *values, size_t panel,
                        bool is_last) {
    const logit_noise_waiting *waiting = &chunk->waiting;
    const size_t stride = waiting_stride(waiting), first = panel * PANEL;
    values += panel * stride;
    if (waiting->is_first) {
        center(values, waiting->sample_count, waiting->weights, chunk->centers + first);
        memset(chunk->deviations + first, 0, PANEL * sizeof(float));
        memset(chunk->squares + first, 0, PANEL * sizeof(float));
        if (chunk->leads) memset(chunk->leads + first, 0, PANEL * sizeof(float));
    }
    const size_t ahead = is_last ? 0 : stride;
    for (size_t k = 0; k < PANEL; k += TILE_CLASSES) {
        if (chunk->leads) {
            add_group(chunk, first + k, values + k, ahead, true);
        } else {
            add_group(chunk, first + k, values + k, ahead, false);
        }
    }
}

/// See `logit_kernels.join_chunk`.
static void join_chunk(const logit_noise_chunk *chunk, size_t sample_count, size_t class_count,
                       double *sums, double *squares) {
    const double n = (double)sample_count;
    for (size_t k = 0; k < class_count; k++) {
        const double middle = (double)chunk->centers[k];
        const double deviation = (double)chunk->deviations[k];
        sums[k] += n * middle + deviation;
        squares[k] += (double)chunk->squares[k] + middle * (2.0 * deviation + n * middle);
    }
}

/// See `logit_sampling_kernels.join_leads`.
static void join_leads(const logit_noise_chunk *chunk, size_t sample_count, size_t class_count,
                       size_t leader, double *leads) {
    const double n = (double)sample_count;
    for (size_t k = 0; k < class_count; k++) {
        const double middle = (double)chunk->centers[leader] - (double)chunk->centers[k];
        const double deviation = (double)chunk->deviations[leader] - (double)chunk->deviations[k];
        leads[k] += (double)chunk->leads[k] + middle * (2.0 * deviation + n * middle);
    }
}

#endif
